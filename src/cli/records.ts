import type { Work } from '../../machines/orders.js';
import type {
  Desktop,
  Failure,
  ListedSession,
  Mount,
  ProfileId,
  SessionId,
} from '../../machines/vocabulary.js';
import { exitCodeOf } from '../errors.js';
import type { Explanation } from '../inspection/why.js';
import { unchangedSeconds } from './sieve.js';

/** A line of --json: `v`, `time` and `event` come first. */
export type CliRecord = { readonly v: 1; readonly time: string; readonly event: string } & Readonly<
  Record<string, unknown>
>;

export const record = (event: string, fields: object, now: Date = new Date()): CliRecord => ({
  v: 1,
  time: now.toISOString(),
  event,
  ...fields,
});

const listed = (profile: ProfileId, row: ListedSession) => ({
  profile,
  session: row.session,
  state: row.state,
  kind: row.kind,
  display: row.display,
  server: row.server,
  client: row.client,
  createdAt: row.createdAt,
  changedAt: row.changedAt,
  ageSeconds: row.ageSeconds,
  user: row.user,
  unchangedSeconds: unchangedSeconds(row),
});

export const sessionListed = (profile: ProfileId, row: ListedSession): CliRecord =>
  record('session.listed', listed(profile, row));

/** One that is chosen to be ended, or would be. */
export const sessionChosen = (profile: ProfileId, row: ListedSession): CliRecord =>
  record('session.chosen', listed(profile, row));

/** Why a chosen one is left alone: it runs here, somebody uses it by now, or it has ended by itself. */
export type Sparing = 'guarded' | 'used' | 'gone';
export const sessionSpared = (profile: ProfileId, session: SessionId, reason: Sparing): CliRecord =>
  record('session.spared', { profile, session, reason });

export const desktopListed = (profile: ProfileId, row: Desktop): CliRecord =>
  record('desktop.listed', { profile, user: row.user, display: row.display });

export const mountListed = (profile: ProfileId, row: Mount): CliRecord =>
  record('mount.listed', { profile, session: row.session, client: row.client, mountpoint: row.mountpoint });

export const featureListed = (profile: ProfileId, feature: string): CliRecord =>
  record('feature.listed', { profile, feature });

/** A profile that is known, wherever from. */
export interface KnownProfile {
  /** The word it is meant by. */
  readonly profile: ProfileId;
  readonly id: string;
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** What it starts, where it says that. */
  readonly kind: Work['kind'] | null;
  readonly source: string;
  readonly problem?: string;
}
export const profileListed = (known: KnownProfile): CliRecord => record('profile.listed', { ...known });

export const sessionExplained = (explanation: Explanation): CliRecord =>
  record('session.explained', explanation);

/** What went wrong, and for which profile. */
export interface ProfileFailure {
  readonly profile?: ProfileId;
  readonly failure: Failure;
}

/** The last line of a command that fails: the gravest failure, and all of them where there are more. */
export const commandFailed = (
  failures: readonly [ProfileFailure, ...ProfileFailure[]],
  exitCode: number,
): CliRecord =>
  record('command.failed', {
    ...worst(failures),
    exitCode,
    ...(failures.length > 1 ? { failures } : {}),
  });

/** 1 outweighs 70, which outweighs the rest; among equals the first. */
export function worst(failures: readonly [ProfileFailure, ...ProfileFailure[]]): ProfileFailure {
  const rank = ({ failure }: ProfileFailure) => [1, 70].indexOf(exitCodeOf(failure));
  const grave = failures.filter((one) => rank(one) >= 0).sort((a, b) => rank(a) - rank(b));
  return grave[0] ?? failures[0];
}
