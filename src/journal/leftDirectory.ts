import { realpathSync } from 'node:fs';
import { lstat, readdir, rmdir, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, isAbsolute, resolve, sep } from 'node:path';
import { codeOf, messageOf } from './files.js';
import type { End } from './leftChild.js';

/** Each directory of ours is named so. */
const ourPrefix = 'x2go-guardian-';

/** Where our directories may have been made, by a run whose environment was another one too. */
export function ourRoots(env: NodeJS.ProcessEnv = process.env): readonly string[] {
  const temporary = [tmpdir(), realpathOf(tmpdir()), '/tmp'];
  // A run by cron is not told of the runtime directory that a login has.
  const runtime = [env.XDG_RUNTIME_DIR, process.getuid && `/run/user/${process.getuid()}`];
  return [...runtime, ...temporary].flatMap((path) => (path && isAbsolute(path) ? [resolve(path)] : []));
}

function realpathOf(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}

/** Removes a directory that a killed run of ours left, if it is one of ours beyond doubt. Never rejects. */
export async function removeDirectory(path: string, roots: readonly string[]): Promise<End> {
  try {
    const kind = await lstat(path);
    const doubt = await doubtAbout(path, roots);
    if (doubt !== undefined) return { outcome: 'left', failure: `${path} ${doubt}` };
    await removeTree(Buffer.from(path), kind.dev);
    return { outcome: 'ended' };
  } catch (cause) {
    if (isMissing(cause)) return { outcome: 'gone' };
    return { outcome: 'failed', failure: messageOf(cause) };
  }
}

async function doubtAbout(path: string, roots: readonly string[]): Promise<string | undefined> {
  if (!isAbsolute(path) || resolve(path) !== path) return 'is no plain path';
  const name = basename(path);
  if (!name.startsWith(ourPrefix) || name === ourPrefix) return 'is not named as ours are';
  const root = roots.find((each) => path.startsWith(each.endsWith(sep) ? each : each + sep));
  if (root === undefined) return 'is in none of our places';
  for (let at = path; at !== root; at = dirname(at)) {
    const kind = await lstat(at);
    if (!kind.isDirectory())
      return at === path ? 'is no directory' : `is behind ${at}, which is no directory`;
    if (process.getuid !== undefined && kind.uid !== process.getuid()) return 'belongs to somebody else';
  }
  return undefined;
}

/** Never through a link, nor into what is mounted below. Names are bytes here, for not all of them are text. */
async function removeTree(path: Buffer, device: number): Promise<void> {
  try {
    const kind = await lstat(path);
    if (!kind.isDirectory()) return await unlink(path);
    if (kind.dev !== device) throw new Error(`${path.toString()} is on another file system`);
    const names = await readdir(path, { encoding: 'buffer' });
    for (const name of names) await removeTree(Buffer.concat([path, Buffer.from(sep), name]), device);
    await rmdir(path);
  } catch (cause) {
    if (!isMissing(cause)) throw cause;
  }
}

const isMissing = (cause: unknown) => codeOf(cause) === 'ENOENT' || codeOf(cause) === 'ENOTDIR';
