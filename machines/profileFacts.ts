/** What a profile has to tell, as pure functions of what it knows. */
import type { SurveyAnswer, SurveyInput } from './ports.js';
import type { ProfileContext } from './profileModel.js';
import type {
  CacheName,
  CacheSource,
  Fact,
  Failure,
  ReportEntry,
  SessionId,
  SessionRecord,
} from './vocabulary.js';

export interface Told {
  readonly fact: Fact;
}

export const crashed = (actor: string): Failure => ({
  code: 'unexpected',
  message: `the ${actor} actor crashed; its log record tells why`,
  retryable: true,
});
export const silence: Failure = {
  code: 'ssh.silent',
  message: 'the line was silent for too long',
  retryable: true,
};
export const ending: Failure = {
  code: 'guardian.terminated',
  message: 'the profile is on its way out',
  retryable: false,
};
export const notConnected: Failure = {
  code: 'ssh.closed',
  message: 'the profile is not connected: connect it first',
  retryable: true,
};
export const crashedSurvey: SurveyAnswer = {
  at: 0,
  tookMs: 0,
  listing: { ok: false, failure: crashed('survey') },
};

export const failureOf = (answer: SurveyAnswer): Failure => {
  if (answer.identity?.ok === false) return answer.identity.failure;
  return answer.listing?.ok === false ? answer.listing.failure : crashed('survey');
};

export const surveyInput = (context: ProfileContext, identity: boolean): SurveyInput => ({
  profile: context.profile.id,
  identity,
  sessions: hasToLook(context),
  mounts: context.plan.listMounts,
  shadows: !context.lean,
  agents: agentsOf(context.known),
  deadlineMs: context.timing.listingDeadline,
});

/** Sessions are listed when the plan says so, and as long as one of them is ours or asked for. */
export const lists = ({ plan, own, asked, unnamed, fresh }: ProfileContext): boolean =>
  plan.listSessions ||
  asked.length > 0 ||
  own.some((actor) => !unnamed.includes(actor) && fresh[actor] === undefined);
/** Whoever asks for a look gets one, where there is anything to be looked at. */
export const hasToLook = (context: ProfileContext): boolean =>
  lists(context) || Object.keys(context.known).length > 0;

/** The actor of a session. */
export const actorOf = ({ named }: ProfileContext, session: SessionId): string => named[session] ?? session;

/** The session of an actor; nothing for a start without a name. */
export const sessionOf = ({ named, known }: ProfileContext, actor: string): SessionId | undefined =>
  known[actor] ? actor : Object.entries(named).find(([, id]) => id === actor)?.[0];

export const actorsOf = (context: ProfileContext): readonly string[] => [
  ...Object.keys(context.known).map((session) => actorOf(context, session)),
  ...context.unnamed,
];

export const unknownSession = (session: SessionId): Failure => ({
  code: 'session.unknown',
  message: `there is no session ${session} on that server`,
  retryable: false,
});

/** A start in the middle has to be waited for, and x2goterminate-session takes its time; a viewer ends at once. */
export const leaveTime = (context: ProfileContext): number => {
  const { unnamed, onExit, own, known, pictureless } = context;
  if (unnamed.length > 0) return 20_000;
  // A shared desktop cannot be suspended, nor a start without a picture; an agent that is being resumed takes no notice at first.
  const endsOne = own.some(
    (actor) => pictureless.includes(actor) || known[sessionOf(context, actor) ?? '']?.kind === 'shadow',
  );
  return onExit === 'terminate' || endsOne ? 10_000 : 4_000;
};

/** A session we run that was not seen to be as the exit policy wants it. */
export const leftEntry = (
  context: ProfileContext,
  actor: string,
  failure: string = `not known to be ${context.onExit === 'terminate' ? 'terminated' : 'suspended'}: it may still run on the server`,
): ReportEntry => ({ ...doneEntry(context, actor), outcome: 'failed', failure });
export const doneEntry = (context: ProfileContext, actor: string): ReportEntry => ({
  kind: 'session',
  id: sessionOf(context, actor) ?? actor,
  outcome: 'closed',
  tookMs: Math.max(0, Math.round(context.now - context.endingAt)),
});

export const agentsOf = (known: Readonly<Record<SessionId, SessionRecord>>): readonly number[] =>
  Object.values(known).flatMap(({ agentPid }) => (agentPid === undefined ? [] : [agentPid]));

const about = (context: ProfileContext) => ({ profile: context.profile.id, from: context.state });

export const connecting = (context: ProfileContext): Told => ({
  fact: {
    type: 'profile.connecting',
    ...about(context),
    state: 'connecting',
    attempt: context.attempt,
    retryInMs: 0,
  },
});
export const connected = (context: ProfileContext): Told => ({
  fact: {
    type: 'profile.connected',
    ...about(context),
    state: 'connected',
    features: context.identity?.features ?? [],
    versions: context.identity?.versions ?? {},
  },
});
export const degraded = (context: ProfileContext, silentMs: number): Told => ({
  fact: { type: 'profile.degraded', ...about(context), state: 'degraded', silentMs },
});
export const recovered = (context: ProfileContext): Told => ({
  fact: { type: 'profile.recovered', ...about(context), state: 'connected' },
});
export const lost = (context: ProfileContext): Told => ({
  fact: {
    type: 'profile.lost',
    ...about(context),
    state: 'lost',
    failure: context.failure ?? silence,
    attempt: context.attempt,
    retryInMs: context.retryInMs,
  },
});
export const failed = (context: ProfileContext): Told => ({
  fact: { type: 'profile.failed', ...about(context), state: 'failed', failure: context.failure ?? silence },
});
export const disconnected = (context: ProfileContext): Told => ({
  fact: { type: 'profile.disconnected', ...about(context), state: 'disconnected' },
});

export const cacheFailed = (context: ProfileContext, cache: CacheName, failure: Failure): Fact => ({
  type: 'cache.failed',
  profile: context.profile.id,
  cache,
  failure,
});
export const cacheRefreshed = (
  context: ProfileContext,
  cache: CacheName,
  source: CacheSource,
  counts: Readonly<Record<string, number>>,
  cost: { readonly tookMs: number; readonly skippedRows: number },
): Fact => ({ type: 'cache.refreshed', profile: context.profile.id, cache, source, counts, ...cost });

export const countByStatus = (sessions: readonly SessionRecord[]): Readonly<Record<string, number>> => {
  const running = sessions.filter(({ status }) => status === 'R').length;
  const suspended = sessions.filter(({ status }) => status === 'S').length;
  return { sessions: sessions.length, running, suspended };
};
