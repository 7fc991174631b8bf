/** What the guardian's chart is made of: its ports, delays, guards and actions. */
import { type AnyActorLogic, assign, emit, enqueueActions, setup } from 'xstate';
import {
  type GuardianContext,
  type GuardianEvent,
  type GuardianInput,
  profileActorId,
} from './guardianModel.js';
import { clampTimer } from './policy.js';
import { placeholders } from './ports.js';
import { crashed } from './profileFacts.js';
import type { ProfileInput, ProfileRequest } from './profileModel.js';
import type { OperationSettled } from './sessionModel.js';
import type { Fact, GuardianTag, Profile, ProfileId, ReportEntry } from './vocabulary.js';

/** A profile's place in the interval: spread evenly by the golden ratio, the same at every start. */
const offsetOf = (index: number, interval: number) => Math.round(((index * 0.618_033_988_75) % 1) * interval);

const without = (profiles: readonly ProfileId[], actorId: string) =>
  profiles.filter((id) => profileActorId(id) !== actorId);

/** What was released by two at once stands in the report once, by its last word. */
const merged = (report: readonly ReportEntry[], more: readonly ReportEntry[]) => [
  ...report.filter(({ kind, id }) => !more.some((entry) => entry.kind === kind && entry.id === id)),
  ...more,
];

const isProfileFact = (fact: Fact): fact is Extract<Fact, { type: `profile.${string}` }> =>
  fact.type.startsWith('profile.');

export const guardianSetup = setup({
  types: {
    context: {} as GuardianContext,
    input: {} as GuardianInput,
    events: {} as GuardianEvent,
    emitted: {} as Fact | OperationSettled,
    output: {} as readonly ReportEntry[],
    tags: {} as GuardianTag,
  },
  actors: {
    profile: placeholders.profile as AnyActorLogic,
    release: placeholders.release,
  },
  delays: {
    terminationDeadline: ({ context }) => clampTimer(context.deadlineMs),
    /** What a crashed actor left is closed at once, or by force. */
    sweepingDeadline: 1_000,
    /** Ending by force waits for nothing; this is for an actor that hangs even then. */
    forcingDeadline: 500,
  },
  guards: {
    isAlone: ({ context }) => context.guarded.length === 0,
    isNew: ({ context }, p: { profile: Profile }) => context.profiles[p.profile.id] === undefined,
    isKnown: ({ context }, p: { profile: ProfileId }) => context.profiles[p.profile] !== undefined,
  },
  actions: {
    publish: emit((_, p: { fact: Fact }) => p.fact),
    noteState: assign({
      states: ({ context }, p: { fact: Fact }) =>
        isProfileFact(p.fact) ? { ...context.states, [p.fact.profile]: p.fact.state } : context.states,
    }),
    /** Makes the actors; a profile whose last actor is still on its way out gets its new one when that has ended. */
    guard: enqueueActions(({ context, enqueue }, p: { profiles: readonly Profile[] }) => {
      const { plan, timing, watch, identify, guarded, onExit = 'suspend', recover = true } = context;
      const profiles = p.profiles.filter(({ id }) => !guarded.includes(id));
      for (const [index, profile] of profiles.entries()) {
        const offsetMs = offsetOf(guarded.length + index, timing.refreshInterval);
        const input: ProfileInput = {
          profile,
          plan,
          timing,
          watch,
          identify,
          offsetMs,
          onExit,
          recover,
        };
        enqueue.spawnChild('profile', { id: profileActorId(profile.id), input });
        if (context.connect) enqueue.sendTo(profileActorId(profile.id), { type: 'profile.connect' });
      }
      enqueue.assign({ guarded: [...guarded, ...profiles.map(({ id }) => id)] });
    }),
    addProfile: assign({
      profiles: ({ context }, p: { profile: Profile }) => ({
        ...context.profiles,
        [p.profile.id]: p.profile,
      }),
    }),
    dropProfile: assign({
      profiles: ({ context }, p: { profile: ProfileId }) => {
        const { [p.profile]: _, ...profiles } = context.profiles;
        return profiles;
      },
    }),
    ask: enqueueActions(({ context, enqueue }, p: { profile: ProfileId; request: ProfileRequest }) => {
      if (context.guarded.includes(p.profile)) enqueue.sendTo(profileActorId(p.profile), p.request);
    }),
    endAll: enqueueActions(({ context, enqueue }) => {
      const at = context.stoppedAt;
      for (const id of context.guarded)
        enqueue.sendTo(profileActorId(id), {
          type: 'profile.terminate',
          ...(at === undefined ? {} : { at }),
        });
    }),
    /** A profile that ended says what became of its resources; one that crashed left them to its scope. */
    seeOut: enqueueActions(
      ({ context, enqueue }, p: { actorId: string; report?: readonly ReportEntry[] }) => {
        enqueue.stopChild(p.actorId);
        enqueue.assign({ guarded: without(context.guarded, p.actorId) });
        if (p.report === undefined) return;
        const left = Object.entries(context.left).filter(([id]) => profileActorId(id) !== p.actorId);
        enqueue.assign({ left: Object.fromEntries(left), report: merged(context.report, p.report) });
      },
    ),
    /** A crashed chart disposes of nothing and tells nothing: both are done for it. */
    clearAway: enqueueActions(({ context, enqueue }, p: { actorId: string }) => {
      const profile = context.guarded.find((id) => profileActorId(id) === p.actorId);
      if (profile === undefined) return;
      const from = context.states[profile] ?? 'disconnected';
      const failure = { ...crashed('profile'), retryable: false };
      const fact: Fact = { type: 'profile.failed', profile, state: 'failed', from, failure };
      enqueue.assign({ states: { ...context.states, [profile]: fact.state } });
      enqueue.emit(fact);
      enqueue.spawnChild('release', { id: `release:${profile}`, input: { profile, how: 'close' } });
    }),
    rememberReason: assign((_, p: { reason: string; at: number | undefined }) => ({
      reason: p.reason,
      stoppedAt: p.at,
    })),
    settle: emit((_, p: { news: OperationSettled }) => p.news),
    extendDeadline: assign(
      ({ context }, p: { profile: ProfileId; ms: number; left: readonly ReportEntry[] }) => ({
        deadlineMs: Math.max(context.deadlineMs, p.ms),
        left: { ...context.left, [p.profile]: p.left },
      }),
    ),
    reportLeft: assign({
      report: ({ context }) => merged(Object.values(context.left).flat(), context.report),
    }),
    addToReport: assign({
      report: ({ context }, p: { report: readonly ReportEntry[] }) => merged(context.report, p.report),
    }),
  },
});
