import { randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  fstatSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

const longest = 1024 * 1024;
/** Not of every system: a named pipe would hold the open for ever, a link would lead elsewhere. */
const readOnly = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOFOLLOW ?? 0);

/** Where this user's guardians keep what must outlive them. */
export function stateFolder(env: NodeJS.ProcessEnv = process.env): string {
  const state = env.XDG_STATE_HOME;
  const home = state !== undefined && isAbsolute(state) ? state : join(homedir(), '.local', 'state');
  return join(home, 'x2go-guardian');
}

/** Makes the folder. Throws when others could write there. */
export function makeFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (!isOurs(statSync(folder))) throw new Error(`${folder} is not ours alone`);
}

/** Nobody else wrote it, or can. */
function isOurs(kind: { readonly uid: number; readonly mode: number }): boolean {
  const us = process.getuid?.();
  return us === undefined || (kind.uid === us && (kind.mode & 0o022) === 0);
}

export type Contents =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly reason: string; readonly missing: boolean };

/** A small regular file of ours. Never throws. */
export function readOurs(path: string): Contents {
  let fd: number | undefined;
  try {
    fd = openSync(path, readOnly);
    const kind = fstatSync(fd);
    if (!kind.isFile()) return refused('it is no regular file');
    if (!isOurs(kind)) return refused('it belongs to somebody else, or others may write it');
    if (kind.size > longest) return refused('it is longer than 1 MiB');
    const buffer = Buffer.alloc(kind.size);
    return { ok: true, text: buffer.toString('utf8', 0, readSync(fd, buffer, 0, kind.size, 0)) };
  } catch (cause) {
    const reason = codeOf(cause) === 'ELOOP' ? 'it is a link' : messageOf(cause);
    return { ok: false, reason, missing: codeOf(cause) === 'ENOENT' };
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

/**
 * All or nothing. There is no fsync: a killed process loses nothing that it has written, and after a power cut the
 * children are gone and the sessions are listed by their servers.
 */
export function writeWhole(path: string, text: string): void {
  const temporary = `${path}.${randomHex()}.tmp`;
  try {
    writeFileSync(temporary, text, { flag: 'wx', mode: 0o600 });
    renameSync(temporary, path);
  } catch (cause) {
    remove(temporary);
    throw cause;
  }
}

/** Never throws. */
export function remove(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // What cannot be removed is found again by the next reap.
  }
}

export const randomHex = (): string => randomBytes(8).toString('hex');

export const codeOf = (cause: unknown): unknown =>
  cause instanceof Error && 'code' in cause ? cause.code : undefined;
export const messageOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));

const refused = (reason: string): Contents => ({ ok: false, reason, missing: false });
