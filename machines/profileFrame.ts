/** What every part of the profile's chart builds on: its ports, delays and guards, and what it remembers of its line. */
import { type AnyActorLogic, type AnyEventObject, assign, sendParent, sendTo, setup } from 'xstate';
import type { OperationId } from './orders.js';
import { backoff, clampTimer, degradedAfter, lostAfter } from './policy.js';
import { type Outcome, placeholders, type SurveyAnswer } from './ports.js';
import { hasToLook, leaveTime, lists } from './profileFacts.js';
import type { ChildEvent, ProfileContext, ProfileEvent, ProfileInput } from './profileModel.js';
import { sessionMachine } from './session.js';
import type { OperationSettled, Wanted } from './sessionModel.js';
import type { Fact, Failure, ProfileTag, ReportEntry, SessionId } from './vocabulary.js';

type AnyProfileEvent = ProfileEvent | ChildEvent;
export const telling = (fact: Fact) =>
  sendParent<ProfileContext, AnyProfileEvent, undefined, AnyEventObject, AnyProfileEvent>({
    type: 'fact.reported',
    fact,
  });

export const settling = (operation: OperationId, outcome: Outcome<SessionId>) =>
  sendParent<ProfileContext, AnyProfileEvent, undefined, AnyEventObject, AnyProfileEvent>({
    type: 'operation.settled',
    operation,
    outcome,
  });

const answers = ({ identity, listing }: SurveyAnswer) =>
  [identity, listing].filter((part) => part !== undefined);

export const frame = setup({
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
    silence: ({ context }) =>
      clampTimer(lostAfter(context.timing, context.profile) - degradedAfter(context.timing, context.profile)),
    stable: ({ context }) => clampTimer(context.timing.stableAfter),
    settle: ({ context }) => clampTimer(context.timing.settleDelay),
    reconcile: ({ context }) => clampTimer(context.timing.reconcileInterval),
    desktopsRest: ({ context }) => clampTimer(context.timing.desktopsInterval),
    watchRest: ({ context }) => clampTimer(context.timing.watchRest),
    leaveDeadline: ({ context }) => leaveTime(context),
    releaseDeadline: ({ context }) => clampTimer(context.timing.releaseDeadline),
  },
  guards: {
    isForGood: (_, p: { failure: Failure }) => !p.failure.retryable,
    refusedForGood: (_, p: { answer: SurveyAnswer }) =>
      answers(p.answer).some((part) => !part.ok && !part.failure.retryable),
    isIntroduced: ({ context }, p: { answer: SurveyAnswer }) =>
      !context.identify || p.answer.identity?.ok === true,
    wantsListing: ({ context }) => lists(context),
    wantsLook: ({ context }) => hasToLook(context),
    wantsShown: (_, p: { wanted: Wanted }) => p.wanted === 'shown',
    wantsWatch: ({ context }) => context.watch && lists(context),
    wantsDesktops: ({ context }) => context.plan.listDesktops,
    wantsIntroduction: ({ context }) => context.identify || lists(context),
    isAnsweredByWatch: ({ context }) => context.watchLive && context.sessions !== undefined,
    isWatched: ({ context }) => context.watchLive,
    isUnsettled: ({ context }) => context.unsettled,
    runsSessions: ({ context }) => context.own.length > 0,
    isLeaving: ({ context }) => context.ending !== undefined,
    isEndingForGood: ({ context }) => context.own.length === 0 && context.ending === 'terminating',
    isEndingForNow: ({ context }) => context.own.length === 0 && context.ending === 'disconnected',
    wantsLine: ({ context }) => context.again,
    isTerminating: ({ context }) => context.ending === 'terminating',
    wantsAnother: ({ context }) => context.refreshAgain,
  },
  actions: {
    enter: assign({ state: (_, p: { state: ProfileTag }) => p.state }),
    tell: sendParent((_, p: { fact: Fact }) => ({ type: 'fact.reported', fact: p.fact })),
    settle: sendParent((_, p: { news: OperationSettled }) => p.news),
    refuse: sendParent((_, p: { operation: OperationId; failure: Failure }) => ({
      type: 'operation.settled',
      operation: p.operation,
      outcome: { ok: false, failure: p.failure },
    })),
    countAttempt: assign({ attempt: ({ context }) => context.attempt + 1, retryInMs: 0 }),
    wantLine: assign({ again: true }),
    forgetLine: assign({ again: false }),
    forgetAttempts: assign({ attempt: 0, waits: 0 }),
    rememberFailure: assign({ failure: (_, p: { failure: Failure }) => p.failure }),
    forgetFailure: assign({ failure: undefined }),
    planRetry: assign({
      waits: ({ context }) => context.waits + 1,
      retryInMs: ({ context }, p: { chance: number }) => backoff(context.waits + 1, p.chance),
    }),
    retryAtOnce: assign({ retryInMs: 0 }),
    introduce: assign({
      identity: ({ context }, p: { answer: SurveyAnswer }) =>
        p.answer.identity?.ok ? p.answer.identity.value : context.identity,
    }),
    probe: sendTo('transport', { type: 'ssh.probe' }),
    hear: assign({ now: ({ context }, p: { at: number | undefined }) => Math.max(context.now, p.at ?? 0) }),
  },
});
