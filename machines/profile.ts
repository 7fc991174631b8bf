import {
  type AnyActorLogic,
  type AnyEventObject,
  assign,
  enqueueActions,
  raise,
  sendParent,
  sendTo,
  setup,
} from 'xstate';
import { backoff, clampTimer, type RefreshPlan, type Timing } from './policy.js';
import {
  type DesktopsAnswer,
  type MetronomeFact,
  placeholders,
  type SurveyAnswer,
  type SurveyInput,
  type TransportFact,
  type WatchFact,
} from './ports.js';
import { type Evidence, evidenceOfState, grownOlder, reconcile, withStates } from './registry.js';
import { sessionMachine } from './session.js';
import type {
  Cached,
  Desktop,
  Fact,
  Failure,
  ListedSession,
  Mount,
  Profile,
  ProfileTag,
  ReportEntry,
  ServerIdentity,
  SessionId,
  SessionRecord,
} from './vocabulary.js';

export interface ProfileInput {
  readonly profile: Profile;
  readonly plan: RefreshPlan;
  readonly timing: Timing;
  /** Whether a state watch is wanted. @default true */
  readonly watch: boolean;
  /** Whether features and versions are asked at connect. @default true */
  readonly identify: boolean;
  /** Where in the interval this profile's tick falls. */
  readonly offsetMs: number;
}
export interface ProfileContext extends ProfileInput {
  readonly state: ProfileTag;
  /** Attempts since the line was last stable; 0 while it is. */
  readonly attempt: number;
  readonly retryInMs: number;
  readonly failure: Failure | undefined;
  readonly identity: ServerIdentity | undefined;
  readonly known: Readonly<Record<SessionId, SessionRecord>>;
  readonly ended: readonly SessionId[];
  /** Whether a listing ever came: what it showed was found, what comes later is somebody's doing. */
  readonly listed: boolean;
  readonly unsettled: boolean;
  readonly registering: boolean;
  readonly refreshAgain: boolean;
  readonly watchLive: boolean;
  readonly sessions: Cached<readonly ListedSession[]> | undefined;
  readonly desktops: Cached<readonly Desktop[]> | undefined;
  readonly mounts: Cached<readonly Mount[]> | undefined;
  readonly report: readonly ReportEntry[];
}

export type ProfileRequest =
  | { readonly type: 'profile.connect' }
  | { readonly type: 'profile.disconnect' }
  | { readonly type: 'profile.terminate' }
  | { readonly type: 'refresh.wanted' }
  | { readonly type: 'registration.pause' }
  | { readonly type: 'registration.resume' };
export type ProfileEvent =
  | ProfileRequest
  | TransportFact
  | MetronomeFact
  | WatchFact
  | { readonly type: 'fact.reported'; readonly fact: Fact };

export type ChildEvent =
  | { readonly type: `xstate.done.actor.${string}`; readonly actorId: string }
  | { readonly type: `xstate.error.actor.${string}`; readonly actorId: string };

const refusedForGood = (failure: Failure | undefined) => failure !== undefined && !failure.retryable;
const failureOf = (answer: SurveyAnswer): Failure | undefined =>
  answer.identity?.ok === false
    ? answer.identity.failure
    : answer.listing?.ok === false
      ? answer.listing.failure
      : undefined;

const crashed = (actor: string): Failure => ({
  code: 'unexpected',
  message: `the ${actor} actor crashed; its log record tells why`,
  retryable: true,
});
const silence: Failure = { code: 'ssh.silent', message: 'the line was silent for too long', retryable: true };
const crashedSurvey: SurveyAnswer = { at: 0, tookMs: 0, listing: { ok: false, failure: crashed('survey') } };

const surveyInput = (context: ProfileContext, identity: boolean): SurveyInput => ({
  profile: context.profile.id,
  identity,
  sessions: context.plan.listSessions,
  mounts: context.plan.listMounts,
  agents: agentsOf(context.known),
  deadlineMs: context.timing.listingDeadline,
});

const agentsOf = (known: Readonly<Record<SessionId, SessionRecord>>): readonly number[] =>
  Object.values(known).flatMap(({ agentPid }) => (agentPid === undefined ? [] : [agentPid]));

const countByStatus = (sessions: readonly SessionRecord[]): Readonly<Record<string, number>> => {
  const running = sessions.filter(({ status }) => status === 'R').length;
  return {
    sessions: sessions.length,
    running,
    suspended: sessions.filter(({ status }) => status === 'S').length,
  };
};

type AnyProfileEvent = ProfileEvent | ChildEvent;
const telling = (fact: Fact) =>
  sendParent<ProfileContext, AnyProfileEvent, undefined, AnyEventObject, AnyProfileEvent>({
    type: 'fact.reported',
    fact,
  });

const connectedFact = (context: ProfileContext): Fact => ({
  type: 'profile.connected',
  profile: context.profile.id,
  state: 'connected',
  from: context.state,
  features: context.identity?.features ?? [],
  versions: context.identity?.versions ?? {},
});

/** One session profile: its control session over one SSH transport at a time, and the sessions it sees there. */
export const profileMachine = setup({
  types: {
    context: {} as ProfileContext,
    input: {} as ProfileInput,
    events: {} as ProfileEvent | ChildEvent,
    output: {} as readonly ReportEntry[],
    tags: {} as ProfileTag | 'refreshing' | 'watching',
  },
  actors: {
    transport: placeholders.transport,
    survey: placeholders.survey,
    desktops: placeholders.desktops,
    watch: placeholders.watch,
    metronome: placeholders.metronome,
    release: placeholders.release,
    session: sessionMachine as AnyActorLogic,
  },
  delays: {
    backoff: ({ context }) => clampTimer(context.retryInMs),
    /** The rest of the time, after the silence that made the line degraded. */
    silence: ({ context }) => clampTimer(context.timing.lostAfter - 5_000),
    stable: ({ context }) => clampTimer(context.timing.stableAfter),
    settle: ({ context }) => clampTimer(context.timing.settleDelay),
    reconcile: ({ context }) => clampTimer(context.timing.reconcileInterval),
    desktopsRest: ({ context }) => clampTimer(context.timing.desktopsInterval),
    watchRest: ({ context }) => clampTimer(context.timing.watchRest),
    releaseDeadline: ({ context }) => clampTimer(context.timing.releaseDeadline),
  },
  guards: {
    isForGood: (_, p: { failure: Failure }) => !p.failure.retryable,
    refusedForGood: (_, p: { answer: SurveyAnswer }) => refusedForGood(failureOf(p.answer)),
    isIntroduced: ({ context }, p: { answer: SurveyAnswer }) =>
      !context.identify || p.answer.identity?.ok === true,
    wantsListing: ({ context }) => context.plan.listSessions,
    wantsWatch: ({ context }) => context.watch && context.plan.listSessions,
    wantsDesktops: ({ context }) => context.plan.listDesktops,
    wantsIntroduction: ({ context }) => context.identify || context.plan.listSessions,
    isAnsweredByWatch: ({ context }) => context.watchLive && context.sessions !== undefined,
    isWatched: ({ context }) => context.watchLive,
    isUnsettled: ({ context }) => context.unsettled,
    wantsAnother: ({ context }) => context.refreshAgain,
  },
  actions: {
    enter: assign({ state: (_, p: { state: ProfileTag }) => p.state }),
    tell: sendParent((_, p: { fact: Fact }) => ({ type: 'fact.reported', fact: p.fact })),
    countAttempt: assign({ attempt: ({ context }) => context.attempt + 1, retryInMs: 0 }),
    forgetAttempts: assign({ attempt: 0 }),
    rememberFailure: assign({ failure: (_, p: { failure: Failure }) => p.failure }),
    forgetFailure: assign({ failure: undefined }),
    planRetry: assign({
      retryInMs: ({ context }, p: { chance: number }) => backoff(context.attempt, p.chance),
    }),
    dropCaches: assign({
      sessions: undefined,
      desktops: undefined,
      mounts: undefined,
      refreshAgain: false,
      unsettled: false,
    }),
    rememberRefresh: assign({ refreshAgain: true }),
    forgetRefresh: assign({ refreshAgain: false }),
    rememberReport: assign({ report: (_, p: { report: readonly ReportEntry[] }) => p.report }),
    introduce: assign({
      identity: ({ context }, p: { answer: SurveyAnswer }) =>
        p.answer.identity?.ok ? p.answer.identity.value : context.identity,
    }),
    probe: sendTo('transport', { type: 'ssh.probe' }),
    /** Takes over what a listing says: the cache, the registry, and through it the sessions' actors. */
    apply: enqueueActions(({ context, enqueue }, p: { answer: SurveyAnswer }) => {
      const { at, tookMs, listing } = p.answer;
      if (listing === undefined) return;
      const profile = context.profile.id;
      if (!listing.ok) {
        enqueue.assign({ sessions: undefined, mounts: undefined });
        const caches = context.plan.listMounts ? (['sessions', 'mounts'] as const) : (['sessions'] as const);
        for (const cache of caches) {
          enqueue(telling({ type: 'cache.failed', profile, cache, failure: listing.failure }));
        }
        return;
      }
      const { sessions, skipped, mounts } = listing.value;
      const skippedRows = skipped.length;
      enqueue.assign({ sessions: { value: withStates(listing.value), at, source: 'listing' }, listed: true });
      if (mounts) enqueue.assign({ mounts: { value: mounts, at, source: 'listing' } });
      const refreshed = { type: 'cache.refreshed', profile, source: 'listing', tookMs, skippedRows } as const;
      enqueue(telling({ ...refreshed, cache: 'sessions', counts: countByStatus(sessions) }));
      if (mounts) {
        enqueue(telling({ ...refreshed, cache: 'mounts', counts: { mounts: mounts.length } }));
      }
      if (!context.plan.updateRegistry) return;
      const register = context.plan.register && context.registering;
      const result = reconcile(context, listing.value, {
        register,
        skipPublished: context.plan.skipPublished,
      });
      for (const record of result.registered) {
        const by = context.listed ? 'other' : 'found';
        const orphanAfter = context.timing.orphanAfter;
        enqueue.spawnChild('session', { id: record.session, input: { profile, record, by, orphanAfter } });
      }
      enqueue.assign({ known: result.known, ended: result.ended, unsettled: result.unsettled });
      for (const [session, evidence] of result.evidence) enqueue.sendTo(session, evidence);
      if (context.watchLive)
        enqueue.sendTo('watch', { type: 'watch.agents', agents: agentsOf(result.known) });
    }),
    /** A frame of the state watch: what the agents do now. What exists is for the next listing to say. */
    observe: enqueueActions(
      ({ context, enqueue }, p: { states: Extract<WatchFact, { type: 'watch.changed' }>['states'] }) => {
        for (const [session, state] of Object.entries(p.states)) {
          if (context.known[session] === undefined) continue;
          const evidence: Evidence | undefined = evidenceOfState(state);
          if (evidence) enqueue.sendTo(session, evidence);
        }
      },
    ),
    answerFromWatch: enqueueActions(({ context, enqueue }, p: { at: number }) => {
      if (context.sessions === undefined) return;
      const value = grownOlder(context.sessions.value, p.at - context.sessions.at);
      enqueue.assign({ sessions: { value, at: p.at, source: 'watch' } });
      enqueue(
        telling({
          type: 'cache.refreshed',
          profile: context.profile.id,
          cache: 'sessions',
          source: 'watch',
          counts: countByStatus(value),
          tookMs: 0,
          skippedRows: 0,
        }),
      );
    }),
    watchOpened: enqueueActions(({ context, enqueue }) => {
      enqueue.assign({ watchLive: true });
      enqueue.sendTo('watch', { type: 'watch.agents', agents: agentsOf(context.known) });
    }),
    watchClosed: assign({ watchLive: false }),
    applyDesktops: enqueueActions(({ context, enqueue }, p: { answer: DesktopsAnswer }) => {
      const { at, tookMs, listing } = p.answer;
      const profile = context.profile.id;
      if (!listing.ok) {
        enqueue.assign({ desktops: undefined });
        enqueue(telling({ type: 'cache.failed', profile, cache: 'desktops', failure: listing.failure }));
        return;
      }
      const { desktops, skipped } = listing.value;
      enqueue.assign({ desktops: { value: desktops, at, source: 'listing' } });
      enqueue(
        telling({
          type: 'cache.refreshed',
          profile,
          cache: 'desktops',
          source: 'listing',
          counts: { desktops: desktops.length },
          tookMs,
          skippedRows: skipped.length,
        }),
      );
    }),
    /** A session that ended, or crashed: its actor goes, and it is not registered again while it is still listed. */
    forgetSession: enqueueActions(({ context, enqueue }, p: { session: SessionId }) => {
      if (context.known[p.session] === undefined) return;
      const { [p.session]: _, ...known } = context.known;
      enqueue.stopChild(p.session);
      enqueue.assign({ known, ended: [...context.ended, p.session] });
    }),
  },
}).createMachine({
  id: 'profile',
  context: ({ input }) => ({
    ...input,
    state: 'disconnected',
    attempt: 0,
    retryInMs: 0,
    failure: undefined,
    identity: undefined,
    known: {},
    ended: [],
    listed: false,
    unsettled: false,
    registering: true,
    refreshAgain: false,
    watchLive: false,
    sessions: undefined,
    desktops: undefined,
    mounts: undefined,
    report: [],
  }),
  invoke: {
    id: 'metronome',
    src: 'metronome',
    input: ({ context }) => ({
      profile: context.profile.id,
      intervalMs: context.timing.refreshInterval,
      offsetMs: context.offsetMs,
    }),
  },
  initial: 'disconnected',
  on: {
    'profile.terminate': '.terminating',
    'fact.reported': { actions: { type: 'tell', params: ({ event }) => ({ fact: event.fact }) } },
    'registration.pause': { actions: assign({ registering: false }) },
    'registration.resume': { actions: [assign({ registering: true }), raise({ type: 'refresh.wanted' })] },
    'xstate.done.actor.*': {
      actions: { type: 'forgetSession', params: ({ event }) => ({ session: event.actorId }) },
    },
    'xstate.error.actor.*': {
      actions: { type: 'forgetSession', params: ({ event }) => ({ session: event.actorId }) },
    },
  },
  states: {
    disconnected: {
      description: 'Nobody asked for a connection, or somebody asked to end it.',
      tags: 'disconnected',
      entry: [{ type: 'enter', params: { state: 'disconnected' } }, 'forgetFailure', 'dropCaches'],
      invoke: {
        id: 'release',
        src: 'release',
        input: ({ context }) => ({ profile: context.profile.id, how: 'settle' }),
      },
      on: { 'profile.connect': 'online' },
    },
    online: {
      description: 'One SSH transport lives exactly as long as this state.',
      invoke: {
        id: 'transport',
        src: 'transport',
        input: ({ context }) => ({ profile: context.profile, attempt: context.attempt + 1 }),
        onError: {
          target: 'lost',
          actions: [
            { type: 'rememberFailure', params: { failure: crashed('transport') } },
            { type: 'planRetry', params: { chance: 0.5 } },
          ],
        },
      },
      entry: [
        'countAttempt',
        'forgetFailure',
        {
          type: 'tell',
          params: ({ context }) => ({
            fact: {
              type: 'profile.connecting',
              profile: context.profile.id,
              state: 'connecting',
              from: context.state,
              attempt: context.attempt,
              retryInMs: 0,
            },
          }),
        },
      ],
      initial: 'connecting',
      on: {
        'profile.disconnect': {
          target: 'disconnected',
          actions: {
            type: 'tell',
            params: ({ context }) => ({
              fact: {
                type: 'profile.disconnected',
                profile: context.profile.id,
                state: 'disconnected',
                from: context.state,
              },
            }),
          },
        },
        'ssh.lost': [
          {
            guard: { type: 'isForGood', params: ({ event }) => ({ failure: event.failure }) },
            target: 'failed',
            actions: { type: 'rememberFailure', params: ({ event }) => ({ failure: event.failure }) },
          },
          {
            target: 'lost',
            actions: [
              { type: 'rememberFailure', params: ({ event }) => ({ failure: event.failure }) },
              { type: 'planRetry', params: ({ event }) => ({ chance: event.chance }) },
            ],
          },
        ],
      },
      states: {
        connecting: {
          description: 'The socket, the host key, the authentication.',
          tags: 'connecting',
          entry: { type: 'enter', params: { state: 'connecting' } },
          on: {
            'ssh.ready': [
              { guard: 'wantsIntroduction', target: 'introducing' },
              {
                target: 'connected',
                actions: { type: 'tell', params: ({ context }) => ({ fact: connectedFact(context) }) },
              },
            ],
          },
        },
        introducing: {
          description: 'The server says what it can, and what runs there, in one round trip.',
          tags: 'connecting',
          invoke: {
            id: 'introduction',
            src: 'survey',
            input: ({ context }) => surveyInput(context, context.identify),
            onDone: [
              {
                guard: { type: 'refusedForGood', params: ({ event }) => ({ answer: event.output }) },
                target: '#profile.failed',
                actions: {
                  type: 'rememberFailure',
                  params: ({ event }) => ({ failure: failureOf(event.output) ?? crashed('survey') }),
                },
              },
              {
                guard: { type: 'isIntroduced', params: ({ event }) => ({ answer: event.output }) },
                target: 'connected',
                actions: [
                  { type: 'introduce', params: ({ event }) => ({ answer: event.output }) },
                  { type: 'tell', params: ({ context }) => ({ fact: connectedFact(context) }) },
                  { type: 'apply', params: ({ event }) => ({ answer: event.output }) },
                ],
              },
              { target: 'identifying' },
            ],
            onError: 'identifying',
          },
        },
        identifying: {
          description: 'The listing would not come: the server is asked only what it is.',
          tags: 'connecting',
          invoke: {
            id: 'identification',
            src: 'survey',
            input: ({ context }) => ({
              ...surveyInput(context, true),
              sessions: false,
              mounts: false,
              agents: [],
            }),
            onDone: [
              {
                guard: { type: 'refusedForGood', params: ({ event }) => ({ answer: event.output }) },
                target: '#profile.failed',
                actions: {
                  type: 'rememberFailure',
                  params: ({ event }) => ({ failure: failureOf(event.output) ?? crashed('survey') }),
                },
              },
              {
                guard: { type: 'isIntroduced', params: ({ event }) => ({ answer: event.output }) },
                target: 'connected',
                actions: [
                  { type: 'introduce', params: ({ event }) => ({ answer: event.output }) },
                  { type: 'tell', params: ({ context }) => ({ fact: connectedFact(context) }) },
                  raise({ type: 'refresh.wanted' }),
                ],
              },
              {
                target: '#profile.lost',
                actions: [
                  {
                    type: 'rememberFailure',
                    params: ({ event }) => ({ failure: failureOf(event.output) ?? crashed('survey') }),
                  },
                  { type: 'planRetry', params: { chance: 0.5 } },
                ],
              },
            ],
            onError: {
              target: '#profile.lost',
              actions: [
                { type: 'rememberFailure', params: { failure: crashed('survey') } },
                { type: 'planRetry', params: { chance: 0.5 } },
              ],
            },
          },
        },
        connected: {
          description: 'Logged in; the guardian sees what runs there.',
          type: 'parallel',
          states: {
            line: {
              initial: 'steady',
              states: {
                steady: {
                  description: 'The server has been heard within five seconds.',
                  tags: 'connected',
                  entry: { type: 'enter', params: { state: 'connected' } },
                  after: { stable: { actions: 'forgetAttempts' } },
                  on: {
                    'ssh.silent': {
                      target: 'silent',
                      actions: {
                        type: 'tell',
                        params: ({ context, event }) => ({
                          fact: {
                            type: 'profile.degraded',
                            profile: context.profile.id,
                            state: 'degraded',
                            from: context.state,
                            silentMs: event.silentMs,
                          },
                        }),
                      },
                    },
                    'clock.woke': { actions: 'probe' },
                  },
                },
                silent: {
                  description: 'Not a byte for five seconds. The line may heal; nothing is given up yet.',
                  tags: 'degraded',
                  entry: { type: 'enter', params: { state: 'degraded' } },
                  after: {
                    silence: {
                      target: '#profile.lost',
                      actions: [
                        { type: 'rememberFailure', params: { failure: silence } },
                        { type: 'planRetry', params: { chance: 0.5 } },
                      ],
                    },
                  },
                  on: {
                    'ssh.heard': {
                      target: 'steady',
                      actions: {
                        type: 'tell',
                        params: ({ context }) => ({
                          fact: {
                            type: 'profile.recovered',
                            profile: context.profile.id,
                            state: 'connected',
                            from: 'degraded',
                          },
                        }),
                      },
                    },
                    'clock.woke': { actions: 'probe' },
                  },
                },
              },
            },
            listing: {
              initial: 'idle',
              states: {
                idle: {
                  description: 'Waits for the tick, for a change, or for somebody who wants to know now.',
                  on: {
                    'clock.ticked': [
                      {
                        guard: 'isAnsweredByWatch',
                        actions: { type: 'answerFromWatch', params: ({ event }) => ({ at: event.at }) },
                      },
                      { guard: 'wantsListing', target: 'surveying' },
                    ],
                    'refresh.wanted': { guard: 'wantsListing', target: 'surveying' },
                  },
                  after: {
                    settle: { guard: 'isUnsettled', target: 'surveying' },
                    reconcile: { guard: 'isWatched', target: 'surveying' },
                  },
                },
                surveying: {
                  description: 'One listing is on its way; there is never a second one.',
                  tags: 'refreshing',
                  entry: 'forgetRefresh',
                  invoke: {
                    id: 'survey',
                    src: 'survey',
                    input: ({ context }) => surveyInput(context, false),
                    onDone: [
                      {
                        guard: 'wantsAnother',
                        target: 'surveying',
                        reenter: true,
                        actions: { type: 'apply', params: ({ event }) => ({ answer: event.output }) },
                      },
                      {
                        target: 'idle',
                        actions: { type: 'apply', params: ({ event }) => ({ answer: event.output }) },
                      },
                    ],
                    onError: {
                      target: 'idle',
                      actions: { type: 'apply', params: { answer: crashedSurvey } },
                    },
                  },
                  on: { 'refresh.wanted': { actions: 'rememberRefresh' } },
                },
              },
            },
            stateWatch: {
              initial: 'deciding',
              states: {
                deciding: {
                  description: 'Whether a state watch is wanted.',
                  always: [{ guard: 'wantsWatch', target: 'watching' }, { target: 'off' }],
                },
                off: { description: 'Turned off: every tick lists.' },
                watching: {
                  description: 'A small loop on the server tells within a second what the agents do.',
                  tags: 'watching',
                  exit: 'watchClosed',
                  invoke: {
                    id: 'watch',
                    src: 'watch',
                    input: ({ context }) => ({
                      profile: context.profile.id,
                      idlePaceMs: context.timing.watchPace,
                      busyPaceMs: context.timing.watchBusyPace,
                    }),
                    onError: 'resting',
                  },
                  on: {
                    'watch.opened': { actions: 'watchOpened' },
                    'watch.changed': {
                      actions: [
                        { type: 'observe', params: ({ event }) => ({ states: event.states }) },
                        raise({ type: 'refresh.wanted' }),
                      ],
                    },
                    'watch.failed': 'resting',
                  },
                },
                resting: {
                  description: 'The watch broke while the line did not. Every tick lists until it is back.',
                  after: { watchRest: 'watching' },
                },
              },
            },
            desktops: {
              initial: 'deciding',
              states: {
                deciding: {
                  description: 'Whether desktops are wanted.',
                  always: [{ guard: 'wantsDesktops', target: 'listing' }, { target: 'off' }],
                },
                off: { description: 'Nobody wants desktops.' },
                listing: {
                  description: 'Slow on the server, so on a channel of its own that nothing waits for.',
                  invoke: {
                    id: 'desktops',
                    src: 'desktops',
                    input: ({ context }) => ({
                      profile: context.profile.id,
                      deadlineMs: context.timing.desktopsDeadline,
                    }),
                    onDone: {
                      target: 'resting',
                      actions: { type: 'applyDesktops', params: ({ event }) => ({ answer: event.output }) },
                    },
                    onError: 'resting',
                  },
                },
                resting: {
                  description: 'At a pace of their own.',
                  after: { desktopsRest: 'listing' },
                },
              },
            },
          },
        },
      },
    },
    lost: {
      description:
        'The line is gone. What it held is closed before another one is opened; the sessions run on.',
      tags: 'lost',
      entry: [
        {
          type: 'tell',
          params: ({ context }) => ({
            fact: {
              type: 'profile.lost',
              profile: context.profile.id,
              state: 'lost',
              from: context.state,
              failure: context.failure ?? silence,
              attempt: context.attempt,
              retryInMs: context.retryInMs,
            },
          }),
        },
        { type: 'enter', params: { state: 'lost' } },
        'dropCaches',
      ],
      invoke: {
        id: 'release',
        src: 'release',
        input: ({ context }) => ({ profile: context.profile.id, how: 'settle' }),
        onDone: 'waitingToRetry',
        onError: 'waitingToRetry',
      },
      after: { releaseDeadline: 'waitingToRetry' },
      on: { 'profile.disconnect': 'disconnected' },
    },
    waitingToRetry: {
      description: 'The line dropped. The remote sessions keep running; we only wait.',
      tags: 'waitingToRetry',
      entry: { type: 'enter', params: { state: 'waitingToRetry' } },
      after: { backoff: 'online' },
      on: {
        'profile.connect': { target: 'online', description: 'Somebody does not want to wait.' },
        'clock.woke': { target: 'online', description: 'The machine slept: the wait is over.' },
        'profile.disconnect': {
          target: 'disconnected',
          actions: {
            type: 'tell',
            params: ({ context }) => ({
              fact: {
                type: 'profile.disconnected',
                profile: context.profile.id,
                state: 'disconnected',
                from: context.state,
              },
            }),
          },
        },
      },
    },
    failed: {
      description: 'Refused for good: trying again would not help. Only a new connect() leaves this state.',
      tags: 'failed',
      entry: [
        {
          type: 'tell',
          params: ({ context }) => ({
            fact: {
              type: 'profile.failed',
              profile: context.profile.id,
              state: 'failed',
              from: context.state,
              failure: context.failure ?? silence,
            },
          }),
        },
        { type: 'enter', params: { state: 'failed' } },
        'dropCaches',
        'forgetAttempts',
      ],
      invoke: {
        id: 'release',
        src: 'release',
        input: ({ context }) => ({ profile: context.profile.id, how: 'settle' }),
      },
      on: { 'profile.connect': 'online', 'profile.disconnect': 'disconnected' },
    },
    terminating: {
      description: 'Told to stop: what this profile holds is closed in reverse order of opening.',
      tags: 'terminating',
      entry: [{ type: 'enter', params: { state: 'terminating' } }, 'dropCaches'],
      invoke: {
        id: 'release',
        src: 'release',
        input: ({ context }) => ({ profile: context.profile.id, how: 'close' }),
        onDone: {
          target: 'terminated',
          actions: { type: 'rememberReport', params: ({ event }) => ({ report: event.output }) },
        },
        onError: 'terminated',
      },
      after: { releaseDeadline: 'terminated' },
      on: { 'profile.terminate': { description: 'Already on the way out.' } },
    },
    terminated: {
      description: 'Nothing of this profile is left.',
      tags: 'terminated',
      type: 'final',
      entry: { type: 'enter', params: { state: 'terminated' } },
    },
  },
  output: ({ context }) => context.report,
});
