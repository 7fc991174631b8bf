/** What the profile's chart is made of: its ports, delays, guards and actions. */
import {
  type AnyActorLogic,
  type AnyEventObject,
  assign,
  enqueueActions,
  sendParent,
  sendTo,
  setup,
} from 'xstate';
import { backoff, clampTimer } from './policy.js';
import { type DesktopsAnswer, placeholders, type SurveyAnswer } from './ports.js';
import { agentsOf, cacheFailed, cacheRefreshed, countByStatus } from './profileFacts.js';
import type { ChildEvent, ProfileContext, ProfileEvent, ProfileInput } from './profileModel.js';
import {
  evidenceOfState,
  grownOlder,
  reconcile,
  unlistedIn,
  withoutOvertaken,
  withStates,
} from './registry.js';
import { type SessionInput, sessionMachine } from './session.js';
import type { AgentState, Fact, Failure, ProfileTag, ReportEntry, SessionId } from './vocabulary.js';

type AnyProfileEvent = ProfileEvent | ChildEvent;
const telling = (fact: Fact) =>
  sendParent<ProfileContext, AnyProfileEvent, undefined, AnyEventObject, AnyProfileEvent>({
    type: 'fact.reported',
    fact,
  });

const answers = ({ identity, listing }: SurveyAnswer) =>
  [identity, listing].filter((part) => part !== undefined);

export const profileSetup = setup({
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
    silence: ({ context }) => clampTimer(context.timing.lostAfter - context.timing.degradedAfter),
    stable: ({ context }) => clampTimer(context.timing.stableAfter),
    settle: ({ context }) => clampTimer(context.timing.settleDelay),
    reconcile: ({ context }) => clampTimer(context.timing.reconcileInterval),
    desktopsRest: ({ context }) => clampTimer(context.timing.desktopsInterval),
    watchRest: ({ context }) => clampTimer(context.timing.watchRest),
    releaseDeadline: ({ context }) => clampTimer(context.timing.releaseDeadline),
  },
  guards: {
    isForGood: (_, p: { failure: Failure }) => !p.failure.retryable,
    refusedForGood: (_, p: { answer: SurveyAnswer }) =>
      answers(p.answer).some((part) => !part.ok && !part.failure.retryable),
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
    forgetAttempts: assign({ attempt: 0, waits: 0 }),
    rememberFailure: assign({ failure: (_, p: { failure: Failure }) => p.failure }),
    forgetFailure: assign({ failure: undefined }),
    planRetry: assign({
      waits: ({ context }) => context.waits + 1,
      retryInMs: ({ context }, p: { chance: number }) => backoff(context.waits + 1, p.chance),
    }),
    retryAtOnce: assign({ retryInMs: 0 }),
    dropCaches: assign({
      sessions: undefined,
      desktops: undefined,
      mounts: undefined,
      refreshAgain: false,
      unsettled: false,
      lean: false,
    }),
    rememberRefresh: assign({ refreshAgain: true, lean: false }),
    wantShadows: assign({ lean: false }),
    /**
     * A quiet minute needs shadow sessions only every other time, where it is known that there is none: x2golistshadowsessions costs the server as much
     * again as x2golistsessions, and one of the user's own desktop shows in the state watch.
     */
    alternateShadows: assign({
      lean: ({ context }) =>
        !context.lean && context.sessions?.value.every(({ kind }) => kind !== 'shadow') === true,
    }),
    forgetRefresh: assign({ refreshAgain: false, observed: [] }),
    rememberReport: assign({ report: (_, p: { report: readonly ReportEntry[] }) => p.report }),
    introduce: assign({
      identity: ({ context }, p: { answer: SurveyAnswer }) =>
        p.answer.identity?.ok ? p.answer.identity.value : context.identity,
    }),
    probe: sendTo('transport', { type: 'ssh.probe' }),
    cacheListing: enqueueActions(({ context, enqueue }, p: { answer: SurveyAnswer }) => {
      const { at, tookMs, listing } = p.answer;
      if (listing === undefined) return;
      if (!listing.ok) {
        enqueue.assign({ sessions: undefined, mounts: undefined });
        enqueue(telling(cacheFailed(context, 'sessions', listing.failure)));
        if (context.plan.listMounts) enqueue(telling(cacheFailed(context, 'mounts', listing.failure)));
        return;
      }
      const { sessions, skipped, mounts } = listing.value;
      const cost = { tookMs, skippedRows: skipped.length };
      enqueue.assign({ sessions: { value: withStates(listing.value), at, source: 'listing' } });
      enqueue(telling(cacheRefreshed(context, 'sessions', 'listing', countByStatus(sessions), cost)));
      if (mounts) {
        enqueue.assign({ mounts: { value: mounts, at, source: 'listing' } });
        enqueue(telling(cacheRefreshed(context, 'mounts', 'listing', { mounts: mounts.length }, cost)));
      }
    }),
    /** What a listing means for the sessions: new ones get an actor, all hear what the server showed of them. */
    reconcileRegistry: enqueueActions(({ context, enqueue }, p: { answer: SurveyAnswer }) => {
      const { listing } = p.answer;
      if (!listing?.ok) return;
      enqueue.assign({ listed: true });
      if (!context.plan.updateRegistry) return;
      const register = context.plan.register && context.registering;
      const { skipPublished } = context.plan;
      const { registered, evidence, known, ended, unsettled } = reconcile(context, listing.value, {
        register,
        skipPublished,
      });
      for (const record of registered) {
        const by = context.listed ? 'other' : 'found';
        const { orphanAfter } = context.timing;
        const input: SessionInput = { profile: context.profile.id, record, by, orphanAfter };
        enqueue.spawnChild('session', { id: record.session, input });
      }
      enqueue.assign({ known, ended, unsettled, unlisted: unlistedIn(evidence) });
      for (const [session, seen] of withoutOvertaken(evidence, context.observed)) {
        enqueue.sendTo(session, seen);
      }
      if (context.watchLive) enqueue.sendTo('watch', { type: 'watch.agents', agents: agentsOf(known) });
    }),
    /** A frame of the state watch: what the agents do now. What exists is for the next listing to say. */
    observe: enqueueActions(
      ({ context, enqueue }, p: { states: Readonly<Record<SessionId, AgentState>> }) => {
        const { known, unlisted, observed } = context;
        // The file of an agent that outlived its session still says what it said: only a listing brings that one back.
        const observable = Object.entries(p.states).filter(
          ([session]) => known[session] && !unlisted.includes(session),
        );
        for (const [session, state] of observable) {
          const seen = evidenceOfState(state);
          if (seen) enqueue.sendTo(session, seen);
        }
        enqueue.assign({ observed: [...new Set([...observed, ...observable.map(([session]) => session)])] });
      },
    ),
    answerFromWatch: enqueueActions(({ context, enqueue }, p: { at: number }) => {
      if (context.sessions === undefined) return;
      const value = grownOlder(context.sessions.value, p.at - context.sessions.at);
      enqueue.assign({ sessions: { value, at: p.at, source: 'watch' } });
      const free = { tookMs: 0, skippedRows: 0 };
      enqueue(telling(cacheRefreshed(context, 'sessions', 'watch', countByStatus(value), free)));
    }),
    watchOpened: enqueueActions(({ context, enqueue }) => {
      enqueue.assign({ watchLive: true });
      enqueue.sendTo('watch', { type: 'watch.agents', agents: agentsOf(context.known) });
    }),
    watchClosed: assign({ watchLive: false }),
    cacheDesktops: enqueueActions(({ context, enqueue }, p: { answer: DesktopsAnswer }) => {
      const { at, tookMs, listing } = p.answer;
      if (!listing.ok) {
        enqueue.assign({ desktops: undefined });
        enqueue(telling(cacheFailed(context, 'desktops', listing.failure)));
        return;
      }
      const { desktops, skipped } = listing.value;
      enqueue.assign({ desktops: { value: desktops, at, source: 'listing' } });
      const cost = { tookMs, skippedRows: skipped.length };
      enqueue(telling(cacheRefreshed(context, 'desktops', 'listing', { desktops: desktops.length }, cost)));
    }),
    /** A session that ended, or crashed: its actor goes, and it is not registered again while it is still listed. */
    forgetSession: enqueueActions(({ context, enqueue }, p: { session: SessionId }) => {
      if (context.known[p.session] === undefined) return;
      const { [p.session]: _, ...known } = context.known;
      enqueue.stopChild(p.session);
      enqueue.assign({ known, ended: [...context.ended, p.session] });
    }),
  },
});
