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

/** Takes a hold, or one that a dead process left. Undefined: a living one has it. Throws when it cannot be written. */
export function take(path: string, owner: Owner, processes: Processes, guards = 2): (() => void) | undefined {
  const text = `${ownerText(owner)}\n${randomHex()}\n`;
  // Whoever lets go while we look makes room for another try.
  for (let tries = 0; tries < 10; tries++) {
    if (create(path, text)) return () => removeOwn(path, text);
    const holder = holderOf(path, processes);
    if (holder === 'alive') return undefined;
    if (holder === 'dead' && !bury(path, owner, processes, guards)) return undefined;
  }
  return undefined;
}

/**
 * Removes a dead one's hold. Only who has the guard (a hold on the same name with a ~) may, and looks once more: else the
 * second of two takers would remove the first one's new hold. False: another one is about it.
 */
function bury(path: string, owner: Owner, processes: Processes, guards: number): boolean {
  const giveGuard = guards > 0 ? take(`${path}~`, owner, processes, guards - 1) : undefined;
  if (giveGuard === undefined) return false;
  if (holderOf(path, processes) === 'dead') remove(path);
  giveGuard();
  return true;
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

/** `alive`: or nothing that we may judge. Only a power cut leaves a garbled one. */
function holderOf(path: string, processes: Processes): 'alive' | 'dead' | 'none' {
  const contents = readOurs(path);
  if (!contents.ok) return contents.missing ? 'none' : 'alive';
  const head = parseOwner(contents.text.split('\n')[0] ?? '');
  const gone = head.ok ? standingOf(head.owner, processes) === 'gone' : !head.later;
  return gone ? 'dead' : 'alive';
}

function removeOwn(path: string, text: string): void {
  const now = readOurs(path);
  if (now.ok && now.text === text) remove(path);
}

const short = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 24);
