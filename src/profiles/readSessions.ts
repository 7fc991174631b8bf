import { homedir } from 'node:os';
import { join } from 'node:path';
import { X2GoError } from '../errors.js';
import { readSmallFile } from './smallFile.js';

const longest = 4 * 1024 * 1024;

/** Where this user's own profiles are. */
export const userFile = (): string => join(homedir(), '.x2goclient', 'sessions');

/** From the least to the most specific. */
export const usualFiles = (): readonly string[] => ['/etc/x2goclient/sessions', userFile()];

/** A whole file; undefined where there is none. Throws file.unreadable. */
export async function readSessionsFile(path: string): Promise<Buffer | undefined> {
  try {
    const bytes = await readSmallFile(path, longest);
    // x2goclient writes a NUL as an escape.
    if (bytes.includes(0)) throw new Error('it is no text');
    return bytes;
  } catch (cause) {
    if (isMissing(cause)) return undefined;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new X2GoError('file.unreadable', `Cannot read the profiles in ${path}: ${why}. Check the file`, {
      cause,
    });
  }
}

const isMissing = (cause: unknown): boolean =>
  cause instanceof Error && 'code' in cause && (cause.code === 'ENOENT' || cause.code === 'ENOTDIR');
