import { randomBytes, randomInt } from 'node:crypto';
import { chmodSync, chownSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isOwnerAlive, ownerTag } from './owner.js';
import { mustRun, run } from './run.js';

export interface UnixUser {
  readonly name: string;
  readonly password: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
}

export interface UnixUserOptions {
  /** @default '/bin/bash' */
  readonly loginShell?: string;
  /** Text of ~/.bashrc in place of Debian's. */
  readonly bashrc?: string;
  /** One line of authorized_keys. */
  readonly publicKey: string;
  /** @default this process */
  readonly owner?: string;
}

// useradd and userdel give up when another one holds the lock of /etc/passwd; flock waits, and dies with us.
const alone = (...command: string[]): [string, string[]] => [
  'flock',
  ['/run/lock/x2go-harness-users', ...command],
];

export async function createUnixUser(options: UnixUserOptions): Promise<UnixUser> {
  const name = `x2g${randomBytes(4).toString('hex')}`;
  const password = randomBytes(12).toString('hex');
  const shell = options.loginShell ?? '/bin/bash';
  const owner = options.owner ?? ownerTag();
  // a number drawn at random does not name another test's user a second after this one is gone
  for (let attempt = 1; ; attempt += 1) {
    const uid = String(randomInt(20_000, 60_000));
    const args = ['--create-home', '--shell', shell, '--comment', owner, '--uid', uid, name];
    const ran = await run(...alone('useradd', ...args));
    if (ran.code === 0) break;
    const taken = ran.code === 4;
    if (!taken || attempt === 5) throw new Error(`useradd ${name}: exit ${ran.code}: ${ran.stderr}`);
  }
  await mustRun(...alone('chpasswd'), { input: `${name}:${password}\n` });
  const user = findUnixUsers().find((each) => each.name === name);
  if (!user) throw new Error(`useradd made no user ${name}`);
  writeOwned(user, '.ssh', undefined, 0o700);
  writeOwned(user, '.ssh/authorized_keys', `${options.publicKey.trim()}\n`, 0o600);
  if (options.bashrc !== undefined) writeOwned(user, '.bashrc', options.bashrc, 0o644);
  return { ...user, password };
}

function writeOwned(
  user: Omit<UnixUser, 'password'>,
  path: string,
  text: string | undefined,
  mode: number,
): void {
  const whole = join(user.home, path);
  if (text === undefined) mkdirSync(whole, { recursive: true });
  else writeFileSync(whole, text);
  chmodSync(whole, mode);
  chownSync(whole, user.uid, user.gid);
}

type FoundUser = Omit<UnixUser, 'password'> & { readonly owner: string };

/** Users that this harness made, of this process and of others; the comment field names their owner. */
export function findUnixUsers(): FoundUser[] {
  return readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
    .filter(([name]) => /^x2g[0-9a-f]{8}$/.test(name ?? ''))
    .map(([name = '', , uid, gid, owner = '', home = '']) => ({
      name,
      uid: Number(uid),
      gid: Number(gid),
      owner,
      home,
    }))
    .filter((user) => /^[0-9]+-[0-9]+$/.test(user.owner));
}

export const findLeftUnixUsers = (): FoundUser[] =>
  findUnixUsers().filter((user) => !isOwnerAlive(user.owner));

/** Removes the user with its home. No process of it may be left. */
export async function deleteUnixUser(name: string): Promise<void> {
  const ran = await run(...alone('userdel', '--remove', name));
  // 6: another run that cleaned up the same leftover was faster; 12: the home was gone already
  if (![0, 6, 12].includes(ran.code ?? -1))
    throw new Error(`userdel ${name}: exit ${ran.code}: ${ran.stderr}`);
}
