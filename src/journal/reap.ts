import { type Clock, monotonicClock } from '../clock.js';
import { type Claim, claimLeft, type SkippedJournal, sweep } from './claims.js';
import { stateFolder } from './files.js';
import type { JournalEntry } from './journal.js';
import { type End, endChild, type Patience, type Reaped } from './leftChild.js';
import { ourRoots, removeDirectory } from './leftDirectory.js';
import { type Processes, processesIn } from './processes.js';

export interface ReapOptions {
  /** @default where openJournal keeps them */
  readonly folder?: string;
  /** Where our directories may be. @default $XDG_RUNTIME_DIR, and where temporary files go */
  readonly roots?: readonly string[];
  readonly clock?: Clock;
  /** How long a child may take to end when asked to. @default 1_000 ms */
  readonly graceMs?: number;
  /** Aborted: children get no grace. */
  readonly hurry?: AbortSignal;
  readonly processes?: Processes;
}

/** A session, or a start on its way, of a guardian that was killed: to be adopted or to be ended, and then settled. */
export type LeftSession = Extract<JournalEntry, { readonly kind: 'session' | 'start' }>;

export interface Reaping {
  /** Children and directories. */
  readonly ended: readonly Reaped[];
  readonly sessions: readonly LeftSession[];
  /** Not understood, or not ours: nothing in them was acted upon. */
  readonly skipped: readonly SkippedJournal[];
}

/** Ends what killed guardians of this user left on this machine, and nothing else. Never rejects. */
export async function reap(options: ReapOptions = {}): Promise<Reaping> {
  const {
    folder = stateFolder(),
    processes = processesIn(),
    roots = ourRoots(),
    clock = monotonicClock,
  } = options;
  const patience: Patience = { clock, graceMs: options.graceMs ?? 1_000, hurry: options.hurry };
  const skipped: SkippedJournal[] = [];
  const skip = (journal: SkippedJournal) => void skipped.push(journal);
  const claims = claimLeft(folder, processes, skip);
  const results = await Promise.all(claims.map((claim) => reapOne(claim, processes, roots, patience)));
  sweep(folder, processes, Date.now());
  const sessions = results.flatMap((result) => result.sessions);
  return { ended: results.flatMap((result) => result.ended), sessions: distinct(sessions), skipped };
}

/**
 * A session that reap() told of, by its name, or a start by its marker, has been adopted or ended: it is not told of any
 * more. False: it was not there, or another reap is at work on it and may tell of it once more. Never throws.
 */
export function settle(name: string, options: Pick<ReapOptions, 'folder' | 'processes'> = {}): boolean {
  const { folder = stateFolder(), processes = processesIn() } = options;
  let found = false;
  for (const { record, giveBack } of claimLeft(folder, processes, () => undefined)) {
    const left = record.entries.filter((entry) => !isLeft(entry) || nameOf(entry) !== name);
    found ||= left.length < record.entries.length;
    giveBack(left);
  }
  return found;
}

/** What there is to tell of a reaping, as facts. */
export function factsOf({ ended, sessions }: Pick<Reaping, 'ended' | 'sessions'>): readonly Reaped[] {
  const told = sessions.map((entry): Reaped => {
    const profile = entry.profile.id;
    return { type: 'reap.ended', kind: 'session', id: nameOf(entry), outcome: 'left', profile };
  });
  return [...ended, ...told];
}

async function reapOne(
  { record, giveBack }: Claim,
  processes: Processes,
  roots: readonly string[],
  patience: Patience,
) {
  const { owner, entries } = record;
  // After a boot no process is ours, whatever its number.
  const rebooted = owner.boot !== processes.boot;
  const endings: { entry: JournalEntry; reaped: Reaped }[] = await Promise.all(
    entries
      .filter((entry) => entry.kind === 'child')
      .map(async (child) => {
        const end: End = rebooted ? { outcome: 'gone' } : await endChild(child, processes, patience);
        return { entry: child, reaped: reapedAs('child', String(child.pid), end) };
      }),
  );
  // A child may make files until it has ended.
  for (const directory of entries.filter((entry) => entry.kind === 'directory')) {
    const end = await removeDirectory(directory.path, roots);
    endings.push({ entry: directory, reaped: reapedAs('directory', directory.path, end) });
  }
  const sessions = entries.filter(isLeft);
  const failed = endings.filter(({ reaped }) => reaped.outcome === 'failed').map(({ entry }) => entry);
  giveBack([...failed, ...sessions]);
  return { ended: endings.map(({ reaped }) => reaped), sessions };
}

const reapedAs = (kind: Reaped['kind'], id: string, end: End): Reaped => ({
  type: 'reap.ended',
  kind,
  id,
  ...end,
});
const isLeft = (entry: JournalEntry): entry is LeftSession =>
  entry.kind === 'session' || entry.kind === 'start';
const nameOf = (entry: LeftSession): string => (entry.kind === 'session' ? entry.session : entry.marker);

function distinct(sessions: readonly LeftSession[]): readonly LeftSession[] {
  return [...new Map(sessions.map((entry) => [`${entry.profile.id} ${nameOf(entry)}`, entry])).values()];
}
