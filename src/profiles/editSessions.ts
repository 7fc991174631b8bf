import { randomBytes } from 'node:crypto';
import { copyFile, mkdir, open, realpath, rename, stat, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { X2GoError } from '../errors.js';
import { IniDocument } from './iniDocument.js';
import type { IniValue } from './iniValue.js';
import { readSessionsFile } from './readSessions.js';
import { lockSessions } from './sessionsLock.js';

export interface Edited {
  readonly file: string;
  /** Whether the file is another one now. */
  readonly changed: boolean;
  /** The file as it was before. */
  readonly backup?: string;
  /** What is to be told of a lock that a dead process had left. */
  readonly stale?: string;
}

export type Edit = (document: IniDocument) => IniDocument;

/**
 * Changes a file of profiles under its lock, by a file beside it and a rename; the one before is kept as `.bak`. A link stays a
 * link. Throws file.unreadable, file.unwritable, config.invalid, and what `edit` throws.
 */
export async function editSessions(file: string, edit: Edit, patienceMs?: number): Promise<Edited> {
  const path = await realpath(file).catch(() => file);
  await attempt(() => makeFolder(dirname(path)));
  const lock = await lockSessions(path, patienceMs);
  const told = lock.stale === undefined ? {} : { stale: lock.stale };
  try {
    const before = await readSessionsFile(path);
    const old = IniDocument.parse(before ?? Buffer.alloc(0));
    const { bytes } = edit(old);
    if (bytes.equals(old.bytes)) return { file: path, changed: false, ...told };
    const backup = before === undefined ? undefined : `${path}.bak`;
    await attempt(async () => {
      if (backup !== undefined) await copyFile(path, backup);
      await replace(path, bytes);
    });
    return { file: path, changed: true, ...(backup === undefined ? {} : { backup }), ...told };
  } finally {
    await lock.release();
  }
}

/** Throws config.invalid where the file is such that the values would not be read again as they were meant. */
export function withValues(
  document: IniDocument,
  id: string,
  values: Readonly<Record<string, IniValue | undefined>>,
): IniDocument {
  let changed = document.addSection(id);
  for (const [key, value] of Object.entries(values))
    changed = value === undefined ? changed.unset(id, key) : changed.set(id, key, value);
  const read = IniDocument.parse(changed.bytes).values();
  const expected = new Map([...document.values()].map(([section, own]) => [section, new Map(own)]));
  const own = expected.get(id) ?? new Map<string, IniValue>();
  for (const [key, value] of Object.entries(values))
    if (value === undefined) own.delete(key);
    else own.set(key, value);
  expected.set(id, own);
  if (JSON.stringify(plain(read)) !== JSON.stringify(plain(expected)))
    throw new X2GoError(
      'config.invalid',
      'The file of the profiles is damaged (a quote that is never closed?): it was left as it is. Mend it in an editor',
    );
  return changed;
}

const plain = (all: ReadonlyMap<string, ReadonlyMap<string, IniValue>>) =>
  [...all].map(([section, own]) => [section, [...own].sort(([a], [b]) => (a < b ? -1 : 1))]);

async function replace(path: string, bytes: Buffer): Promise<void> {
  const temporary = `${path}.${randomBytes(8).toString('hex')}.tmp`;
  const mode = await stat(path).then(
    (kind) => kind.mode & 0o777,
    () => 0o600,
  );
  try {
    const handle = await open(temporary, 'wx', mode);
    try {
      await handle.chmod(mode);
      await handle.writeFile(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
  } catch (cause) {
    await unlink(temporary).catch(() => undefined);
    throw cause;
  }
}

/** Not those above it as well: where nothing can be made, as in /proc, Node tries that for ever. */
async function makeFolder(path: string): Promise<void> {
  const isThere = (await stat(path).catch(() => undefined))?.isDirectory() ?? false;
  if (!isThere) await mkdir(path, { mode: 0o700 });
}

async function attempt(write: () => Promise<unknown>): Promise<void> {
  try {
    await write();
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new X2GoError('file.unwritable', `Cannot write the profiles: ${why}. Check the folder`, { cause });
  }
}
