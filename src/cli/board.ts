import type {
  Author,
  Failure,
  Profile,
  ProfileId,
  ProfileTag,
  SessionId,
  SessionTag,
} from '../../machines/vocabulary.js';
import type { Guardian } from '../guardian.js';
import type { GuardianEventRecord } from '../records.js';
import { type SessionChange, verbOf } from './words.js';

export interface SessionRow {
  readonly session: SessionId;
  readonly state: SessionTag;
  readonly by: Author | undefined;
  /** Seconds since its creation, as they were at `agedAt`. */
  readonly ageSeconds: number;
  readonly agedAt: number;
  /** What happened last, and when. */
  readonly verb: string;
  readonly at: number;
}
export interface ProfileRow {
  readonly profile: Profile;
  readonly state: ProfileTag;
  /** When it came into this state. */
  readonly since: number;
  readonly attempt: number;
  /** When it is tried again. */
  readonly retryAt: number | undefined;
  readonly failure: Failure | undefined;
  readonly sessions: ReadonlyMap<SessionId, SessionRow>;
}

/** How long an ended session stays in view. */
export const lingersMs = 20_000;

/** What a person wants to see at once, gathered from the records. Times are ms of Date.now(). */
export class Board {
  readonly #rows = new Map<ProfileId, ProfileRow>();
  #sessionsOf: Guardian['sessions'] = () => undefined;
  readonly #now: () => number;
  readonly startedAt: number;

  constructor(now: () => number = Date.now) {
    this.#now = now;
    this.startedAt = now();
  }

  open(guardian: Pick<Guardian, 'sessions'>, profiles: readonly Profile[]): void {
    this.#sessionsOf = (id) => guardian.sessions(id);
    const fresh = { state: 'disconnected', attempt: 0, retryAt: undefined, failure: undefined } as const;
    for (const profile of profiles) {
      this.#rows.set(profile.id, { ...fresh, profile, since: this.#now(), sessions: new Map() });
    }
  }

  get rows(): readonly ProfileRow[] {
    return [...this.#rows.values()];
  }

  get now(): number {
    return this.#now();
  }

  take(record: GuardianEventRecord): void {
    if (!('profile' in record) || record.profile === undefined) return;
    const row = this.#rows.get(record.profile);
    if (row === undefined) return;
    if ('by' in record) this.#takeSession(row, record);
    else if ('state' in record) this.#takeLine(row, record);
    else if (record.event === 'cache.refreshed' && record.cache === 'sessions')
      this.#takeListing(row, record.source === 'listing');
  }

  #takeLine(row: ProfileRow, record: Extract<GuardianEventRecord, { readonly state: ProfileTag }>): void {
    const now = this.#now();
    this.#rows.set(record.profile, {
      ...row,
      state: record.state,
      since: now,
      attempt: 'attempt' in record ? record.attempt : row.attempt,
      retryAt: record.event === 'profile.lost' ? now + record.retryInMs : undefined,
      failure: 'failure' in record ? record.failure : record.state === 'connecting' ? row.failure : undefined,
    });
  }

  /** Forgets the sessions that ended a while ago. */
  tidy(): void {
    const now = this.#now();
    for (const [id, row] of this.#rows) {
      const sessions = [...row.sessions].filter(
        ([, { state, at }]) => state !== 'terminated' || now - at < lingersMs,
      );
      if (sessions.length < row.sessions.size) this.#rows.set(id, { ...row, sessions: new Map(sessions) });
    }
  }

  #takeSession(row: ProfileRow, record: SessionChange): void {
    const { session, state, by } = record;
    // A start that failed before it had a name.
    if (session === undefined) return;
    const now = this.#now();
    const before = row.sessions.get(session);
    const age =
      record.event === 'session.registered'
        ? { ageSeconds: record.ageSeconds, agedAt: now }
        : { ageSeconds: before?.ageSeconds ?? 0, agedAt: before?.agedAt ?? now };
    this.#put(row, { session, state, by, ...age, verb: verbOf(record), at: now });
  }

  /** A listing knows states that nobody announces, such as suspending. A watch's answer only makes ages older. */
  #takeListing(row: ProfileRow, withStates: boolean): void {
    const reading = this.#sessionsOf(row.profile.id);
    if (reading === undefined) return;
    const agedAt = this.#now() - reading.age;
    for (const { session, state, ageSeconds } of reading.value) {
      const before = row.sessions.get(session);
      if (before === undefined || before.state === 'terminated') continue;
      this.#put(row, { ...before, ageSeconds, agedAt, state: withStates ? state : before.state });
    }
  }

  #put({ profile }: ProfileRow, session: SessionRow): void {
    const row = this.#rows.get(profile.id);
    if (row === undefined) return;
    this.#rows.set(profile.id, {
      ...row,
      sessions: new Map(row.sessions).set(session.session, session),
    });
  }
}
