import { randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import { devNull } from 'node:os';
import { dirname, resolve } from 'node:path';

/** A known_hosts file on disk. A missing one is empty; one that cannot be read whole is an error, never empty. */

export async function readKnownHosts(path: string): Promise<Buffer> {
  if (path === devNull) return Buffer.alloc(0);
  try {
    const file = await open(path, readOnly);
    try {
      const kind = await file.stat();
      if (!kind.isFile()) throw new Error(`${path} is not a regular file`);
      return await file.readFile();
    } finally {
      await file.close();
    }
  } catch (cause) {
    if (isMissing(cause)) return Buffer.alloc(0);
    throw cause;
  }
}

/**
 * Adds one line, synchronously and all or nothing: a temporary file in the same directory, fsync, rename. The other
 * lines stay byte for byte, mode and owner stay, a link's target is replaced and not the link. `lineFor` sees
 * the file as it is now, for others write here too; undefined leaves it alone. Throws when it could not be written.
 */
export function appendKnownHost(path: string, lineFor: (current: Buffer) => string | undefined): void {
  if (path === devNull) return;
  const target = followLinks(path);
  mkdirSync(dirname(target), { recursive: true, mode: 0o700 });
  const { content, kind } = readNow(target);
  const line = lineFor(content);
  if (line === undefined) return;

  const joint = content.length > 0 && content.at(-1) !== newline ? '\n' : '';
  const temporary = `${target}.${process.pid}.${randomBytes(6).toString('hex')}.tmp`;
  const fd = openSync(temporary, 'wx', 0o600);
  try {
    try {
      writeFileSync(fd, Buffer.concat([content, Buffer.from(`${joint}${line}\n`)]));
      if (kind !== undefined) keepOwnerAndMode(fd, kind);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(temporary, target);
  } catch (cause) {
    rmSync(temporary, { force: true });
    throw cause;
  }
  syncDirectory(dirname(target));
}

interface Kind {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

function readNow(target: string): { content: Buffer; kind?: Kind } {
  let fd: number;
  try {
    fd = openSync(target, readOnly);
  } catch (cause) {
    if (isMissing(cause)) return { content: Buffer.alloc(0) };
    throw cause;
  }
  try {
    const kind = fstatSync(fd);
    if (!kind.isFile()) throw new Error(`${target} is not a regular file`);
    return { content: readFileSync(fd), kind };
  } finally {
    closeSync(fd);
  }
}

function keepOwnerAndMode(fd: number, kept: Kind): void {
  const now = fstatSync(fd);
  if (now.uid !== kept.uid || now.gid !== kept.gid) fchownSync(fd, kept.uid, kept.gid);
  fchmodSync(fd, kept.mode & 0o7777);
}

/** The file at the end of a chain of links, whether it exists or not. */
function followLinks(path: string, depth = 0): string {
  try {
    return realpathSync(path);
  } catch (cause) {
    if (!isMissing(cause) || depth > 40) throw cause;
  }
  try {
    if (lstatSync(path).isSymbolicLink())
      return followLinks(resolve(dirname(path), readlinkSync(path)), depth + 1);
  } catch (cause) {
    if (!isMissing(cause)) throw cause;
  }
  return resolve(path);
}

/** Makes the rename last. Some file systems refuse it for a directory; the file itself is already safe. */
function syncDirectory(path: string): void {
  try {
    const fd = openSync(path, constants.O_RDONLY);
    try {
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
  } catch {
    // see above
  }
}

const newline = 0x0a;
/** Without O_NONBLOCK a named pipe would hold the open for ever. Windows has no such flag. */
const readOnly = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

const isMissing = (cause: unknown) => cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
