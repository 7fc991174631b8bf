import { createHash } from 'node:crypto';
import { linkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SessionId } from '../../machines/vocabulary.js';
import { codeOf, randomHex, readOurs, remove } from './files.js';
import { type Owner, standingOf } from './owner.js';
import type { Processes } from './processes.js';
import { ownerText, parseOwner } from './record.js';

/** One for each machine: where a home is on several, nobody can tell whether another's holder lives. */
export function holdFile(folder: string, session: SessionId, { machine, namespace }: Owner): string {
  return join(folder, `hold-${short(`${machine} ${namespace}`)}-${short(session)}`);
}

/**
 * Takes a hold, or one that a dead process left. Undefined: a living one has it. Throws when it cannot be written.
 *
 * Only who has the guard (the same file with a ~) may remove a dead one's hold, and looks once more before: otherwise
 * the second of two takers would remove the first one's new hold. A guard is held like any hold, and inherited so.
 */
export function take(path: string, owner: Owner, processes: Processes, guards = 2): (() => void) | undefined {
  const text = `${ownerText(owner)}\n${randomHex()}\n`;
  const free = () => {
    const now = readOurs(path);
    if (now.ok && now.text === text) remove(path);
  };
  if (create(path, text)) return free;
  if (isKept(path, processes)) return undefined;
  if (guards === 0) return undefined;
  const giveGuard = take(`${path}~`, owner, processes, guards - 1);
  if (giveGuard === undefined) return undefined;
  try {
    if (isKept(path, processes)) return undefined;
    remove(path);
    return create(path, text) ? free : undefined;
  } finally {
    giveGuard();
  }
}

/** Whole at the moment it is there: a link to a file that was written before. */
function create(path: string, text: string): boolean {
  const temporary = `${path}.${randomHex()}.tmp`;
  try {
    writeFileSync(temporary, text, { flag: 'wx', mode: 0o600 });
    linkSync(temporary, path);
    return true;
  } catch (cause) {
    if (codeOf(cause) === 'EEXIST') return false;
    throw cause;
  } finally {
    remove(temporary);
  }
}

/** Held by a living process, or nothing that we may judge. Only a power cut leaves a garbled one. */
function isKept(path: string, processes: Processes): boolean {
  const contents = readOurs(path);
  if (!contents.ok) return !contents.missing;
  const head = parseOwner(contents.text.split('\n')[0] ?? '');
  return head.ok ? standingOf(head.owner, processes) !== 'gone' : head.later;
}

const short = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 24);
