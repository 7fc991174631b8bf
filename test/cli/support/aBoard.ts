import type {
  Failure,
  FailureCode,
  ListedSession,
  Profile,
  SessionTag,
} from '../../../machines/vocabulary.js';
import { Board } from '../../../src/cli/board.js';
import type { GuardianEventRecord } from '../../../src/index.js';

export const failure = (code: FailureCode, message = 'not today'): Failure => ({
  code,
  message,
  retryable: false,
});

/** A board whose clock and whose events are the test's. */
export function aBoard(...ids: readonly string[]) {
  let now = Date.parse('2026-11-22T20:00:00Z');
  const listings = new Map<string, readonly ListedSession[]>();
  const board = new Board(() => now);
  const profiles: readonly Profile[] = ids.map((id) => ({ id, host: `${id}.example`, user: 'alice' }));
  board.open(
    { sessions: (id) => ({ value: listings.get(id) ?? [], age: 0, source: 'listing' as const }) },
    profiles,
  );
  const take = (event: string, fields: object) => {
    const head = { v: 1, time: new Date(now).toISOString(), event };
    board.take({ ...head, ...fields } as unknown as GuardianEventRecord);
    return say;
  };
  const say = {
    connected: (profile: string) =>
      take('profile.connected', { profile, state: 'connected', features: [], versions: {} }),
    failed: (profile: string, failed: Failure) =>
      take('profile.failed', { profile, state: 'failed', failure: failed }),
    lost: (profile: string, lost: Failure, retryInMs: number, attempt: number) =>
      take('profile.lost', { profile, state: 'lost', failure: lost, retryInMs, attempt }),
    registered: (profile: string, session: string, { ageSeconds = 60 } = {}) =>
      take('session.registered', {
        profile,
        session,
        state: 'running',
        from: 'virgin',
        by: 'found',
        ageSeconds,
      }),
    did: (profile: string, session: string, event: string, state: SessionTag) =>
      take(event, { profile, session, state, from: 'running', by: 'other' }),
    listed: (profile: string, session: string, state: SessionTag, ageSeconds: number) => {
      listings.set(profile, [{ session, state, ageSeconds } as ListedSession]);
      return take('cache.refreshed', {
        profile,
        cache: 'sessions',
        source: 'listing',
        counts: {},
        tookMs: 1,
        skippedRows: 0,
      });
    },
  };
  return {
    board,
    say,
    pass: (ms: number) => {
      now += ms;
    },
  };
}
