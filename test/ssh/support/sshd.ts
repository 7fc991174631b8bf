import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { freePort } from '../../support/freePort.js';

/** OpenSSH's server wants to be root to let anybody in. */
export const sshdAvailable = process.getuid?.() === 0 && existsSync('/usr/sbin/sshd');

export interface TestSshd {
  readonly port: number;
  log(): string;
  stop(): Promise<void>;
}

/** An sshd of the test's own on a free loopback port, where root logs in with the keys in `authorized`. */
export async function startSshd(options: {
  dir: string;
  hostKeys: readonly string[];
  authorized: readonly string[];
  settings?: readonly string[];
}): Promise<TestSshd> {
  mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  const port = await freePort();
  const file = (name: string) => join(options.dir, `${name}-${port}`);
  writeFileSync(file('authorized'), options.authorized.map((line) => `${line}\n`).join(''), { mode: 0o600 });
  const config = [
    `ListenAddress 127.0.0.1:${port}`,
    ...options.hostKeys.map((path) => `HostKey ${path}`),
    `AuthorizedKeysFile ${file('authorized')}`,
    'PidFile none',
    'UsePAM no',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'StrictModes no',
    'LogLevel DEBUG1',
    'PermitRootLogin yes',
  ];
  // The first setting of a name wins.
  writeFileSync(file('config'), [...(options.settings ?? []), ...config].map((line) => `${line}\n`).join(''));
  writeFileSync(file('log'), '');
  // Ends with this process, whatever ends that.
  const command = ['--pdeathsig', 'TERM', '/usr/sbin/sshd', '-D', '-f', file('config'), '-E', file('log')];
  const sshd = spawn('setpriv', command, { stdio: 'ignore' });
  const log = () => readFileSync(file('log'), 'utf8');
  const exited = once(sshd, 'exit');
  for (let answers = false; !answers; ) {
    if (sshd.exitCode !== null) throw new Error(`sshd did not start: ${log()}`);
    answers = await answersOn(port);
  }
  const stop = async () => {
    sshd.kill();
    await exited;
  };
  return { port, log, stop };
}

function answersOn(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const answer = (is: boolean) => {
      socket.destroy();
      setTimeout(() => resolve(is), is ? 0 : 20);
    };
    socket.once('data', () => answer(true)).once('error', () => answer(false));
  });
}
