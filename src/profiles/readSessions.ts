import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { X2GoError } from '../errors.js';

const longest = 4 * 1024 * 1024;

/** Where this user's own profiles are. */
export const userFile = (): string => join(homedir(), '.x2goclient', 'sessions');

/** From the least to the most specific. */
export const usualFiles = (): readonly string[] => ['/etc/x2goclient/sessions', userFile()];

/** A whole file; undefined where there is none. Throws file.unreadable. A named pipe does not hold it up. */
export async function readSmallFile(path: string): Promise<Buffer | undefined> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    const kind = await handle.stat();
    if (!kind.isFile()) throw new Error('it is no regular file');
    if (kind.size > longest) throw new Error(`it is longer than ${longest / 1024 / 1024} MiB`);
    const buffer = Buffer.alloc(kind.size);
    const { bytesRead } = await handle.read(buffer, 0, kind.size, 0);
    return buffer.subarray(0, bytesRead);
  } catch (cause) {
    if (isMissing(cause)) return undefined;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new X2GoError('file.unreadable', `Cannot read the profiles in ${path}: ${why}. Check the file`, {
      cause,
    });
  } finally {
    await handle?.close();
  }
}

const isMissing = (cause: unknown): boolean =>
  cause instanceof Error && 'code' in cause && (cause.code === 'ENOENT' || cause.code === 'ENOTDIR');
