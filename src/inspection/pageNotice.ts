import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { X2GoError } from '../errors.js';

/** Where a live page is, for whoever is the same user. */
export interface PageNotice {
  readonly v: 1;
  readonly pid: number;
  readonly url: string;
  readonly token: string;
  readonly startedAt: string;
  /** What it looks at: `watch`, `demo`. */
  readonly command: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

const others = 0o077;
const nameOf = /^page-(\d+)-(\d+)\.json$/;

/** Known beforehand, so that another process finds it. */
export function noticeFolder(env: Environment): string {
  const { XDG_RUNTIME_DIR: own } = env;
  return own ? join(own, 'x2go-guardian') : join(tmpdir(), `x2go-guardian-${process.getuid?.() ?? 'user'}`);
}

/** Why nothing may be read or written there. */
function faultOf(folder: string): string | undefined {
  const seen = lstatSync(folder, { throwIfNoEntry: false });
  if (seen === undefined) return 'is not there';
  if (seen.isSymbolicLink() || !seen.isDirectory()) return 'is no folder';
  if (process.getuid !== undefined && seen.uid !== process.getuid()) return 'belongs to somebody else';
  if (process.platform !== 'win32' && (seen.mode & others) !== 0) return 'is open to others';
  return undefined;
}

/** Writes it down, for this user alone. The function it returns takes it away. Throws file.unwritable. */
export function writeNotice(env: Environment, notice: PageNotice): () => void {
  const folder = noticeFolder(env);
  const file = join(folder, `page-${notice.pid}-${new URL(notice.url).port}.json`);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const fault = faultOf(folder);
    if (fault !== undefined) throw new Error(`${folder} ${fault}`);
    for (const name of readdirSync(folder)) if (isStale(name)) rmSync(join(folder, name), { force: true });
    writeFileSync(`${file}.new`, `${JSON.stringify(notice)}\n`, { mode: 0o600, flag: 'wx' });
    renameSync(`${file}.new`, file);
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new X2GoError('file.unwritable', `Cannot write down where the live page is: ${message}`, { cause });
  }
  return () => {
    rmSync(file, { force: true });
    try {
      rmdirSync(folder);
    } catch {
      // Somebody else's notice is in it.
    }
  };
}

/** The pages of this user's processes that are alive, the latest last. What cannot be read is none. */
export function readNotices(env: Environment): readonly PageNotice[] {
  const folder = noticeFolder(env);
  if (faultOf(folder) !== undefined) return [];
  const found = readdirSync(folder).flatMap((name) => {
    const notice = nameOf.test(name) && !isStale(name) ? parseNotice(join(folder, name)) : undefined;
    return notice === undefined ? [] : [notice];
  });
  return found.sort((one, other) => one.startedAt.localeCompare(other.startedAt));
}

function isStale(name: string): boolean {
  const [, pid] = nameOf.exec(name) ?? [];
  return pid !== undefined && !isAlive(Number(pid));
}

function parseNotice(path: string): PageNotice | undefined {
  try {
    const { v, pid, url, token, startedAt, command } = JSON.parse(readFileSync(path, 'utf8')) as PageNotice;
    const texts = [url, token, startedAt, command];
    if (v !== 1 || typeof pid !== 'number' || texts.some((text) => typeof text !== 'string'))
      return undefined;
    return { v, pid, url, token, startedAt, command };
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code === 'EPERM';
  }
}
