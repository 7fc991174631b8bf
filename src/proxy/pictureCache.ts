import { existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import { faultOf, mayWrite } from './privateFolder.js';
import type { Environment } from './programs.js';

/** nxproxy keeps its cache in `cache-<type>` of its root; a start asks for `unix-kde-depth_N` (PROTOCOL 1.3). */
const depths = [8, 16, 24, 32];

/**
 * Lets what one run has learned serve the next one: on slow links pictures seen before need not come again. The root is new
 * at every run, so the cache stands elsewhere and is linked in. Without a place for it nxproxy does without.
 */
export function linkPictureCache(root: string, env: Environment): void {
  try {
    const base = env.XDG_CACHE_HOME;
    const caches = base !== undefined && isAbsolute(base) ? base : join(env.HOME ?? homedir(), '.cache');
    const ours = join(caches, 'x2go-guardian');
    for (const depth of depths) {
      const name = `cache-unix-kde-depth_${depth}`;
      const folder = join(ours, 'nx', name);
      makeWithParents(folder);
      if (faultOf(ours, true) === undefined && faultOf(folder, true) === undefined && mayWrite(folder))
        symlinkSync(folder, join(root, name));
    }
  } catch {
    // Speed is all that is lost.
  }
}

/** Step by step: node's own `recursive` never returns where a folder is there and takes no other (seen in /proc). */
function makeWithParents(folder: string): void {
  const parent = dirname(folder);
  if (!existsSync(parent)) makeWithParents(parent);
  if (!existsSync(folder)) mkdirSync(folder, { mode: 0o700 });
}
