import type { Presentation, SessionOrder } from '../machines/orders.js';
import type { Failure, ListedSession, ProfileId, SessionId } from '../machines/vocabulary.js';
import { toFailure } from './errors.js';
import type { Guardian } from './guardian.js';

/** What is to become of a profile's sessions when it is connected for the first time. */
export interface StartWish {
  readonly profile: ProfileId;
  /** Which of the suspended sessions are brought to the screen here. @default 'none' */
  readonly resume?: 'none' | 'newest' | 'oldest' | 'all';
  /** Started where there was none to resume. @default nothing */
  readonly start?: SessionOrder;
  /** How what is resumed is shown. */
  readonly presentation?: Presentation;
}
type Asked = Pick<Guardian, 'on' | 'sessions' | 'resumeSession' | 'startSession'>;

/**
 * Acts on each wish once, after the profile's first listing; a line that comes back brings its sessions back by itself. What
 * fails is told and goes no further. Needs `autoUpdateListSessionsCache` and `autoRegisterSessions`. Gives what ends it.
 */
export function autoStart(
  guardian: Asked,
  wishes: readonly StartWish[],
  tell: (profile: ProfileId, failure: Failure) => void = () => undefined,
): () => void {
  const open = new Map(wishes.map((wish) => [wish.profile, wish]));
  const aborted = new AbortController();
  const off = guardian.on('cache.refreshed', ({ profile, cache }) => {
    const wish = open.get(profile);
    if (wish === undefined || cache !== 'sessions') return;
    open.delete(profile);
    // The fact is told while the cache is being filled.
    queueMicrotask(() => {
      for (const act of actsOf(guardian, wish, aborted.signal))
        act().catch((cause: unknown) => {
          if (!aborted.signal.aborted) tell(profile, toFailure(cause));
        });
    });
  });
  return () => {
    off();
    aborted.abort();
  };
}

function actsOf(guardian: Asked, wish: StartWish, signal: AbortSignal): readonly (() => Promise<unknown>)[] {
  const { profile, resume = 'none', start, presentation = {} } = wish;
  const sessions = pick(resume, guardian.sessions(profile)?.value ?? []);
  if (sessions.length > 0)
    return sessions.map((id) => () => guardian.resumeSession(profile, id, presentation, { signal }));
  return start === undefined ? [] : [() => guardian.startSession(profile, start, { signal })];
}

/** Whoever shared a desktop of somebody's has nothing to come back to. */
function pick(
  which: NonNullable<StartWish['resume']>,
  sessions: readonly ListedSession[],
): readonly SessionId[] {
  const own = sessions
    .filter(({ kind, state }) => kind !== 'shadow' && state === 'suspended')
    .sort((a, b) => a.ageSeconds - b.ageSeconds)
    .map(({ session }) => session);
  if (which === 'newest') return own.slice(0, 1);
  if (which === 'oldest') return own.slice(-1);
  return which === 'all' ? own : [];
}
