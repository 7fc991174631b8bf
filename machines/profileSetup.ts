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
import type { OperationId, SessionOrder } from './orders.js';
import { backoff, clampTimer } from './policy.js';
import { type DesktopsAnswer, type Outcome, placeholders, type SurveyAnswer } from './ports.js';
import {
  actorOf,
  agentsOf,
  cacheFailed,
  cacheRefreshed,
  countByStatus,
  doneEntry,
  hasToLook,
  leftEntry,
  lists,
  sessionOf,
  unknownSession,
} from './profileFacts.js';
import type { AskedSession, ChildEvent, ProfileContext, ProfileEvent, ProfileInput } from './profileModel.js';
import {
  evidenceOfState,
  grownOlder,
  reconcile,
  unlistedIn,
  withoutOvertaken,
  withStates,
} from './registry.js';
import { type SessionInput, sessionMachine } from './session.js';
import type { OperationSettled, Wanted } from './sessionModel.js';
import { calledOff } from './sessionRules.js';
import type {
  AgentState,
  Fact,
  Failure,
  ProfileTag,
  ReportEntry,
  SessionId,
  SessionRecord,
} from './vocabulary.js';

type AnyProfileEvent = ProfileEvent | ChildEvent;
const telling = (fact: Fact) =>
  sendParent<ProfileContext, AnyProfileEvent, undefined, AnyEventObject, AnyProfileEvent>({
    type: 'fact.reported',
    fact,
  });

const settling = (operation: OperationId, outcome: Outcome<SessionId>) =>
  sendParent<ProfileContext, AnyProfileEvent, undefined, AnyEventObject, AnyProfileEvent>({
    type: 'operation.settled',
    operation,
    outcome,
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
    isTerminating: ({ context }) => context.ending === 'terminating',
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
    /** What was seen on an earlier line is older than the first listing on this one. */
    forgetObserved: assign({ observed: [] }),
    introduce: assign({
      identity: ({ context }, p: { answer: SurveyAnswer }) =>
        p.answer.identity?.ok ? p.answer.identity.value : context.identity,
    }),
    probe: sendTo('transport', { type: 'ssh.probe' }),
    cacheListing: enqueueActions(({ context, enqueue }, p: { answer: SurveyAnswer }) => {
      const { at, tookMs, listing } = p.answer;
      if (listing === undefined) return;
      if (!listing.ok) {
        enqueue.assign({ sessions: undefined, mounts: undefined, asked: [] });
        for (const { operation } of context.asked)
          enqueue(settling(operation, { ok: false, failure: listing.failure }));
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
      const { listing, at } = p.answer;
      if (!listing?.ok) return;
      enqueue.assign({ listed: true, now: Math.max(context.now, at) });
      const wanted = context.asked.map(({ session }) => session);
      const isFollowing = context.own.length > 0 || Object.keys(context.known).length > 0;
      if (!context.plan.updateRegistry && !isFollowing && wanted.length === 0) return;
      const { registered, evidence, known, ended, unsettled } = reconcile(context, listing.value, {
        register: context.plan.register && context.registering,
        skipPublished: context.plan.skipPublished,
        wanted,
        expecting: context.unnamed.length > 0,
      });
      const { orphanAfter } = context.timing;
      for (const record of registered) {
        const by = context.listed ? 'other' : 'found';
        const { recover = true } = context;
        const input: SessionInput = {
          profile: context.profile.id,
          record,
          by,
          orphanAfter,
          lineUp: true,
          recover,
        };
        enqueue.spawnChild('session', { id: record.session, input });
      }
      enqueue.assign({ known, ended, unsettled, unlisted: unlistedIn(evidence) });
      for (const [session, record] of Object.entries(known)) {
        const before = context.known[session];
        if (before && isNewer(record, before))
          enqueue.sendTo(actorOf(context, session), { type: 'session.listed', record });
      }
      for (const [session, seen] of withoutOvertaken(evidence, context.observed)) {
        enqueue.sendTo(actorOf(context, session), seen);
      }
      if (context.watchLive) enqueue.sendTo('watch', { type: 'watch.agents', agents: agentsOf(known) });
      for (const { session, operation, ...rest } of context.asked) {
        if (known[session])
          enqueue.sendTo(actorOf(context, session), { type: 'session.ask', operation, ...rest });
        else enqueue(settling(operation, { ok: false, failure: unknownSession(session) }));
      }
      enqueue.assign({ asked: [] });
    }),
    /** Without a listing nobody knows whether the sessions that were asked for exist. */
    refuseAsked: enqueueActions(({ context, enqueue }, p: { failure: Failure }) => {
      for (const { operation } of context.asked)
        enqueue(settling(operation, { ok: false, failure: p.failure }));
      enqueue.assign({ asked: [] });
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
          if (seen) enqueue.sendTo(actorOf(context, session), seen);
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
    forgetSession: enqueueActions(({ context, enqueue }, p: { actor: string }) => {
      const session = sessionOf(context, p.actor);
      if (session === undefined && !context.unnamed.includes(p.actor)) return;
      enqueue.stopChild(p.actor);
      enqueue.assign({ own: without(context.own, p.actor), unnamed: without(context.unnamed, p.actor) });
      if (context.ending && context.own.includes(p.actor))
        enqueue.assign({
          report: [...context.report, leftEntry(context, p.actor, 'its chart crashed: see the log')],
        });
      if (session === undefined) return;
      const { [session]: _, ...known } = context.known;
      const { [session]: __, ...named } = context.named;
      enqueue.assign({ known, named, ended: [...context.ended, session] });
    }),
    startSession: enqueueActions(
      ({ context, enqueue }, p: { operation: OperationId; order: SessionOrder; at: number; up: boolean }) => {
        const { operation, order, at } = p;
        const { recover = true } = context;
        const { orphanAfter } = context.timing;
        const input: SessionInput = {
          profile: context.profile.id,
          by: 'me',
          start: { operation, order, at },
          lineUp: p.up,
          orphanAfter,
          recover,
        };
        enqueue.spawnChild('session', { id: operation, input });
        enqueue.assign({ unnamed: [...context.unnamed, operation], now: Math.max(context.now, at) });
      },
    ),
    nameSession: assign(({ context }, p: { actor: string; record: SessionRecord }) => ({
      unnamed: without(context.unnamed, p.actor),
      named: { ...context.named, [p.record.session]: p.actor },
      known: { ...context.known, [p.record.session]: p.record },
      observed: [...context.observed, p.record.session],
    })),
    /** Its first name is gone with what it named; a listing that is on its way may still show it. */
    unnameSession: assign(({ context }, p: { actor: string; session: SessionId }) => {
      const { [p.session]: _, ...known } = context.known;
      const { [p.session]: __, ...named } = context.named;
      const unnamed = [...without(context.unnamed, p.actor), p.actor];
      return { known, named, unnamed, ended: [...context.ended, p.session] };
    }),
    noteOwned: assign(({ context }, { actor }: { actor: string }) => {
      const session = sessionOf(context, actor);
      return {
        own: [...without(context.own, actor), actor],
        /** What a listing that is on its way will show of it is older than this. */
        observed: session === undefined ? context.observed : [...context.observed, session],
      };
    }),
    /** Released, seen to, or gone: it is none of ours. */
    noteLeft: assign(({ context }, { actor, left }: { actor: string; left: Failure | undefined }) => {
      if (!context.own.includes(actor)) return {};
      const entry = left === undefined ? doneEntry(context, actor) : leftEntry(context, actor, left.message);
      const session = sessionOf(context, actor);
      return {
        own: without(context.own, actor),
        observed: session === undefined ? context.observed : [...context.observed, session],
        ...(context.ending ? { report: [...context.report, entry] } : {}),
      };
    }),
    /** To the actor of the session, or, where nobody has looked yet, to whoever looks next. */
    request: enqueueActions(({ context, enqueue }, p: { asked: AskedSession }) => {
      const { session, operation, wanted, presentation } = p.asked;
      if (context.known[session] === undefined) enqueue.assign({ asked: [...context.asked, p.asked] });
      else {
        const more = presentation === undefined ? {} : { presentation };
        enqueue.sendTo(actorOf(context, session), { type: 'session.ask', operation, wanted, ...more });
      }
    }),
    refuse: sendParent((_, p: { operation: OperationId; failure: Failure }) => ({
      type: 'operation.settled',
      operation: p.operation,
      outcome: { ok: false, failure: p.failure },
    })),
    abandon: enqueueActions(({ context, enqueue }, p: { operation: OperationId }) => {
      const { operation } = p;
      if (context.asked.some((asked) => asked.operation === operation)) {
        enqueue.assign({ asked: context.asked.filter((asked) => asked.operation !== operation) });
        enqueue(settling(operation, { ok: false, failure: calledOff }));
      }
      for (const actor of actorsOf(context)) {
        enqueue.sendTo(actor, { type: 'operation.abandon', operation });
      }
    }),
    settle: sendParent((_, p: { news: OperationSettled }) => p.news),
    /** Every session learns how the line is; those we run do something about it. */
    announceLine: enqueueActions(({ context, enqueue }, p: { up: boolean }) => {
      for (const actor of actorsOf(context)) enqueue.sendTo(actor, { type: p.up ? 'line.up' : 'line.lost' });
    }),
    planEnd: assign((_, p: { ending: 'disconnected' | 'terminating'; at: number | undefined }) => ({
      ending: p.ending,
      ...(p.at === undefined ? {} : { endingAt: p.at, now: p.at }),
    })),
    forgetEnd: assign({ ending: undefined, report: [] }),
    hear: assign({ now: ({ context }, p: { at: number | undefined }) => Math.max(context.now, p.at ?? 0) }),
    /** No line will come by itself: who waits for one is told why. */
    denyLine: enqueueActions(({ context, enqueue }, p: { failure: Failure }) => {
      for (const actor of actorsOf(context))
        enqueue.sendTo(actor, { type: 'line.denied', failure: p.failure });
    }),
    /** The sessions we run are seen to by the exit policy. */
    leaveSessions: enqueueActions(({ context, enqueue }) => {
      const policy = context.onExit ?? 'suspend';
      for (const actor of context.own) enqueue.sendTo(actor, { type: 'session.leave', policy });
    }),
    wantTime: sendParent(({ context }) => ({
      type: 'deadline.wanted',
      profile: context.profile.id,
      left: context.own.map((actor) => leftEntry(context, actor)),
      ms: leaveTime(context) + context.timing.releaseDeadline + 500,
    })),
    /** Whatever is still ours by now was not seen to: whoever reads the report must know. */
    reportLeft: assign({
      report: ({ context }) => [...context.report, ...context.own.map((actor) => leftEntry(context, actor))],
      own: [],
    }),
    addToReport: assign({
      report: ({ context }, p: { report: readonly ReportEntry[] }) => [...context.report, ...p.report],
    }),
  },
});

const without = (actors: readonly string[], actor: string) => actors.filter((other) => other !== actor);

/** A listing of sessions with the same answer tells nothing new. */
const isNewer = (record: SessionRecord, before: SessionRecord): boolean =>
  record.changedAt !== before.changedAt ||
  record.agentPid !== before.agentPid ||
  record.ports?.graphics !== before.ports?.graphics;

const actorsOf = (context: ProfileContext): readonly string[] => [
  ...Object.keys(context.known).map((session) => actorOf(context, session)),
  ...context.unnamed,
];

/** A start in the middle has to be waited for, and x2goterminate-session takes its time; a viewer ends at once. */
const leaveTime = ({ unnamed, onExit }: ProfileContext): number => {
  if (unnamed.length > 0) return 20_000;
  return onExit === 'terminate' ? 10_000 : 4_000;
};
