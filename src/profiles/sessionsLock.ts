import { randomBytes } from 'node:crypto';
import { link, readFile, unlink, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { X2GoError } from '../errors.js';

/**
 * `sessions.lock`, as Qt's QLockFile has it: five lines, pid, program, host, machine, boot. So x2goclient, which takes the
 * same lock when it writes, waits for us, and we for it.
 */
export interface SessionsLock {
  /** What is to be told of a lock that a dead process had left. */
  readonly stale?: string;
  release(): Promise<void>;
}

const retryEveryMs = 25;

/** Throws file.unwritable: who holds it, when it is held for longer than `patienceMs`; or why it cannot be made. */
export async function lockSessions(file: string, patienceMs = 5_000): Promise<SessionsLock> {
  const path = `${file}.lock`;
  const own = await ownText();
  const until = performance.now() + patienceMs;
  let stale: string | undefined;
  for (;;) {
    if (await create(path, own)) {
      const release = async () => {
        if ((await textOf(path)) === own) await unlink(path).catch(() => undefined);
      };
      return { release, ...(stale === undefined ? {} : { stale }) };
    }
    const held = await textOf(path);
    if (held !== undefined && (await isLeft(held)) && (await bury(path, held, own)))
      stale = `A lock of ${holderOf(held)}, which is gone, was removed: ${path}`;
    else if (performance.now() > until) throw tooLong(path, held ?? '');
    else await wait(retryEveryMs);
  }
}

/** Only who has the guard may remove a dead one's lock, and looks once more: else a second one would remove a new lock. */
async function bury(path: string, held: string, own: string): Promise<boolean> {
  const guard = `${path}~`;
  if (!(await create(guard, own))) return false;
  const isSame = (await textOf(path)) === held;
  if (isSame) await unlink(path).catch(() => undefined);
  await unlink(guard).catch(() => undefined);
  return isSame;
}

/** Whole at the moment it is there: a link to a file that was written before. */
async function create(path: string, text: string): Promise<boolean> {
  const temporary = `${path}.${randomBytes(8).toString('hex')}.tmp`;
  try {
    await writeFile(temporary, text, { flag: 'wx', mode: 0o600 });
    await link(temporary, path);
    return true;
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'EEXIST') return false;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new X2GoError('file.unwritable', `Cannot lock the profiles: ${why}. Check the folder`, { cause });
  } finally {
    await unlink(temporary).catch(() => undefined);
  }
}

async function ownText(): Promise<string> {
  const machine = (await textOf('/etc/machine-id')) ?? '';
  const nonce = randomBytes(8).toString('hex');
  const lines = [process.pid, basename(process.execPath), hostname(), machine.trim(), await bootId(), nonce];
  return `${lines.join('\n')}\n`;
}

/** A process of this machine and this boot that does not live. Of others nobody here can tell. */
async function isLeft(text: string): Promise<boolean> {
  const [pid = '', , host, , boot = ''] = text.split('\n');
  if (!/^[1-9]\d{0,9}$/.test(pid) || host !== hostname()) return false;
  if (boot !== '' && boot !== (await bootId())) return true;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (cause) {
    return cause instanceof Error && 'code' in cause && cause.code === 'ESRCH';
  }
}

const bootId = async () => ((await textOf('/proc/sys/kernel/random/boot_id')) ?? '').trim();
const textOf = (path: string) => readFile(path, 'utf8').catch(() => undefined);

function holderOf(text: string): string {
  const [pid = '?', program = '?', host = '?'] = text.split('\n');
  return `process ${pid} (${program}) on ${host}`;
}

function tooLong(path: string, held: string): X2GoError {
  const message = `Another program is changing the profiles: ${path} is held by ${holderOf(held)}. End it, or remove the file if it is gone`;
  return new X2GoError('file.unwritable', message, { retryable: true });
}
