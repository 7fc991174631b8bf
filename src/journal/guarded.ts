import type { SessionId } from '../../machines/vocabulary.js';
import { journalNames, recordAt } from './claims.js';
import { stateFolder } from './files.js';
import { standingOf } from './owner.js';
import { type Processes, processesIn } from './processes.js';

/**
 * The sessions that guardians of this user run, or are bringing back, here. Where a home is on several machines those of the
 * others count too: nobody here can tell whether they live. Never throws.
 */
export function guardedSessions(
  folder: string = stateFolder(),
  processes: Processes = processesIn(),
): ReadonlySet<SessionId> {
  const ignore = () => undefined;
  const records = journalNames(folder, ignore).flatMap((path) => recordAt(path, ignore) ?? []);
  const living = records.filter(({ owner }) => standingOf(owner, processes) !== 'gone');
  return new Set(
    living.flatMap(({ entries }) =>
      entries.flatMap((entry) => (entry.kind === 'session' ? [entry.session] : [])),
    ),
  );
}
