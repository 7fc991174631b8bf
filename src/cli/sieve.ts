import type { ListedSession, SessionKind, SessionTag } from '../../machines/vocabulary.js';
import { X2GoError } from '../errors.js';

/** Which of the listed sessions are meant; what is absent lets all pass. */
export interface Sieve {
  /** In seconds: in its state for at least as long. */
  readonly olderThan?: number;
  /** In seconds: in its state for less. */
  readonly newerThan?: number;
  readonly state?: SessionTag;
  readonly kind?: SessionKind;
  /** `ours`: of the user who logs in; `others`: of anybody else; else of that user. */
  readonly owner?: string;
}

/** What becomes of sessions that are chosen so. */
export interface SweepOptions extends Sieve {
  /** On every profile. */
  readonly all?: boolean;
  /** Nobody is asked. */
  readonly yes?: boolean;
  readonly dryRun?: boolean;
}

const parts = ['olderThan', 'newerThan', 'state', 'kind', 'owner'] as const;

/** Whether sessions are chosen by what they are, not by name. Throws usage.invalid where --yes or --dry-run stand alone. */
export function isSweep(options: SweepOptions): boolean {
  if (parts.some((part) => options[part] !== undefined)) return true;
  const [lost] = (['all', 'yes', 'dryRun'] as const).filter((name) => options[name]);
  if (lost === undefined) return false;
  throw new X2GoError(
    'usage.invalid',
    `--${lost === 'dryRun' ? 'dry-run' : lost} is for sessions that are chosen: say which, e.g. --older-than 7d`,
  );
}

/** Throws usage.invalid where no session can pass. */
export function checkSieve({ olderThan, newerThan }: Sieve): void {
  if (olderThan === undefined || newerThan === undefined || olderThan < newerThan) return;
  throw new X2GoError(
    'usage.invalid',
    'No session can pass: --older-than is not below --newer-than. Leave one of them out',
  );
}

/** Whether a session is meant. `user` is who logs in there. */
export const passes =
  (sieve: Sieve, user: string) =>
  (row: ListedSession): boolean => {
    const { olderThan = 0, newerThan = Number.POSITIVE_INFINITY, state = row.state, kind = row.kind } = sieve;
    const since = unchangedSeconds(row);
    // A clock that was set back makes an age negative: that is not old, and not asked about it passes.
    const isOld = sieve.olderThan === undefined || since >= olderThan;
    return (
      isOld && since < newerThan && row.state === state && row.kind === kind && isOf(sieve.owner, row, user)
    );
  };

function isOf(owner: string | undefined, row: ListedSession, user: string): boolean {
  if (owner === undefined) return true;
  if (owner === 'ours') return row.user === user;
  return owner === 'others' ? row.user !== user : row.user === owner;
}

/**
 * For how long a session has been in its state. All three figures are of the server's own clock, so that ours does not
 * matter; its local times have no zone, and a change to or from summer time between the two makes it an hour wrong.
 */
export function unchangedSeconds({ ageSeconds, createdAt, changedAt }: Times): number {
  const between = (Date.parse(`${changedAt}Z`) - Date.parse(`${createdAt}Z`)) / 1_000;
  if (Number.isNaN(between)) return ageSeconds;
  return Math.min(ageSeconds, Math.max(ageSeconds - between, 0));
}
type Times = Pick<ListedSession, 'ageSeconds' | 'createdAt' | 'changedAt'>;
