import { type AnyActorLogic, assign, emit, enqueueActions, setup } from 'xstate';
import { clampTimer, type RefreshPlan, type Timing } from './policy.js';
import { placeholders } from './ports.js';
import type { ProfileInput, ProfileRequest } from './profile.js';
import { crashed } from './profileFacts.js';
import type { Fact, GuardianTag, Profile, ProfileId, ProfileTag, ReportEntry } from './vocabulary.js';

export interface GuardianInput {
  readonly profiles: readonly Profile[];
  readonly plan: RefreshPlan;
  readonly timing: Timing;
  /** @default true */
  readonly watch: boolean;
  /** @default true */
  readonly identify: boolean;
  /** Whether profiles are connected as soon as they are guarded. @default true */
  readonly connect: boolean;
}
export interface GuardianContext extends Omit<GuardianInput, 'profiles'> {
  readonly profiles: Readonly<Record<ProfileId, Profile>>;
  /** Profiles whose actors have not reached their end. */
  readonly guarded: readonly ProfileId[];
  /** The state each profile reported last. */
  readonly states: Readonly<Record<ProfileId, ProfileTag>>;
  readonly reason: string;
  readonly report: readonly ReportEntry[];
}
export type GuardianEvent =
  | { readonly type: 'guardian.start' }
  | { readonly type: 'guardian.stop'; readonly reason: string }
  | { readonly type: 'guardian.force' }
  | { readonly type: 'profile.add'; readonly profile: Profile }
  | { readonly type: 'profile.remove'; readonly profile: ProfileId }
  | { readonly type: 'profile.ask'; readonly profile: ProfileId; readonly request: ProfileRequest }
  | { readonly type: 'fact.reported'; readonly fact: Fact }
  | { readonly type: `xstate.done.actor.${string}`; readonly actorId: string; readonly output: unknown }
  | { readonly type: `xstate.error.actor.${string}`; readonly actorId: string };

/** The id of a profile's actor under the guardian. */
export const profileActorId = (profile: ProfileId): string => `profile:${profile}`;

/** A profile's place in the interval: spread evenly by the golden ratio, the same at every start. */
const offsetOf = (index: number, interval: number) => Math.round(((index * 0.618_033_988_75) % 1) * interval);

const without = (profiles: readonly ProfileId[], actorId: string) =>
  profiles.filter((id) => profileActorId(id) !== actorId);

const ended = (event: { readonly actorId: string; readonly output?: unknown }) => ({
  actorId: event.actorId,
  report: (event.output ?? []) as readonly ReportEntry[],
});

/** What was released by two at once stands in the report once, by its last word. */
const merged = (report: readonly ReportEntry[], more: readonly ReportEntry[]) => [
  ...report.filter(({ kind, id }) => !more.some((entry) => entry.kind === kind && entry.id === id)),
  ...more,
];

/** One guardian over all profiles: it starts them, passes on what they report, and sees them out. */
export const guardianMachine = setup({
  types: {
    context: {} as GuardianContext,
    input: {} as GuardianInput,
    events: {} as GuardianEvent,
    emitted: {} as Fact,
    output: {} as readonly ReportEntry[],
    tags: {} as GuardianTag,
  },
  actors: {
    profile: placeholders.profile as AnyActorLogic,
    release: placeholders.release,
  },
  delays: {
    terminationDeadline: ({ context }) => clampTimer(context.timing.terminationDeadline),
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
        'profile' in p.fact && 'state' in p.fact && !('session' in p.fact)
          ? { ...context.states, [p.fact.profile]: p.fact.state }
          : context.states,
    }),
    /** Makes the actors; a profile whose last actor is still on its way out gets its new one when that has ended. */
    guard: enqueueActions(({ context, enqueue }, p: { profiles: readonly Profile[] }) => {
      const { plan, timing, watch, identify, guarded } = context;
      const profiles = p.profiles.filter(({ id }) => !guarded.includes(id));
      for (const [index, profile] of profiles.entries()) {
        const offsetMs = offsetOf(guarded.length + index, timing.refreshInterval);
        const input: ProfileInput = { profile, plan, timing, watch, identify, offsetMs };
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
      for (const id of context.guarded) enqueue.sendTo(profileActorId(id), { type: 'profile.terminate' });
    }),
    /** A profile that ended says what became of its resources; one that crashed left them to its scope. */
    seeOut: enqueueActions(({ context, enqueue }, p: { actorId: string; report: readonly ReportEntry[] }) => {
      enqueue.stopChild(p.actorId);
      enqueue.assign({
        guarded: without(context.guarded, p.actorId),
        report: merged(context.report, p.report),
      });
    }),
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
    rememberReason: assign({ reason: (_, p: { reason: string }) => p.reason }),
    addToReport: assign({
      report: ({ context }, p: { report: readonly ReportEntry[] }) => merged(context.report, p.report),
    }),
  },
}).createMachine({
  id: 'guardian',
  context: ({ input }) => ({
    ...input,
    profiles: Object.fromEntries(input.profiles.map((profile) => [profile.id, profile])),
    guarded: [],
    states: {},
    reason: '',
    report: [],
  }),
  initial: 'idle',
  on: {
    'fact.reported': {
      actions: [
        { type: 'noteState', params: ({ event }) => ({ fact: event.fact }) },
        { type: 'publish', params: ({ event }) => ({ fact: event.fact }) },
      ],
    },
    'guardian.stop': {
      target: '.terminating',
      actions: { type: 'rememberReason', params: ({ event }) => ({ reason: event.reason }) },
    },
    'xstate.done.actor.*': {
      actions: { type: 'seeOut', params: ({ event }) => ended(event) },
    },
    'xstate.error.actor.*': {
      actions: { type: 'seeOut', params: ({ event }) => ({ actorId: event.actorId, report: [] }) },
    },
  },
  states: {
    idle: {
      description: 'Made, not started: nothing is open.',
      tags: 'idle',
      on: {
        'guardian.start': 'guarding',
        'profile.add': {
          guard: { type: 'isNew', params: ({ event }) => ({ profile: event.profile }) },
          actions: { type: 'addProfile', params: ({ event }) => ({ profile: event.profile }) },
        },
        'profile.remove': {
          actions: { type: 'dropProfile', params: ({ event }) => ({ profile: event.profile }) },
        },
      },
    },
    guarding: {
      description: 'Every profile has its actor; each ticks at its own offset.',
      tags: 'guarding',
      entry: [
        {
          type: 'publish',
          params: ({ context }) => ({
            fact: { type: 'guardian.started', profiles: Object.keys(context.profiles) },
          }),
        },
        { type: 'guard', params: ({ context }) => ({ profiles: Object.values(context.profiles) }) },
      ],
      on: {
        'profile.add': {
          guard: { type: 'isNew', params: ({ event }) => ({ profile: event.profile }) },
          actions: [
            { type: 'addProfile', params: ({ event }) => ({ profile: event.profile }) },
            { type: 'guard', params: ({ event }) => ({ profiles: [event.profile] }) },
          ],
        },
        'profile.remove': {
          guard: { type: 'isKnown', params: ({ event }) => ({ profile: event.profile }) },
          actions: [
            { type: 'dropProfile', params: ({ event }) => ({ profile: event.profile }) },
            {
              type: 'ask',
              params: ({ event }) => ({ profile: event.profile, request: { type: 'profile.terminate' } }),
            },
          ],
        },
        'profile.ask': {
          guard: { type: 'isKnown', params: ({ event }) => ({ profile: event.profile }) },
          actions: {
            type: 'ask',
            params: ({ event }) => ({ profile: event.profile, request: event.request }),
          },
        },
        'xstate.done.actor.*': {
          description:
            'A removed profile has ended. If it was added again meanwhile, it gets its new actor now.',
          actions: [
            { type: 'seeOut', params: ({ event }) => ended(event) },
            {
              type: 'guard',
              params: ({ context, event }) => ({
                profiles: Object.values(context.profiles).filter(
                  ({ id }) => profileActorId(id) === event.actorId,
                ),
              }),
            },
          ],
        },
        'xstate.error.actor.*': {
          description: 'A profile crashed: it has failed, and what it left is released.',
          actions: [
            { type: 'clearAway', params: ({ event }) => ({ actorId: event.actorId }) },
            { type: 'seeOut', params: ({ event }) => ({ actorId: event.actorId, report: [] }) },
          ],
        },
      },
    },
    terminating: {
      description: 'Told to stop. The whole way out has one deadline.',
      tags: 'terminating',
      entry: {
        type: 'publish',
        params: ({ context }) => ({ fact: { type: 'guardian.terminating', reason: context.reason } }),
      },
      after: { terminationDeadline: 'forcing' },
      on: {
        'guardian.stop': { description: 'Already on the way out.' },
        'guardian.force': 'forcing',
      },
      initial: 'closing',
      states: {
        closing: {
          description: 'All profiles close what they hold, at the same time.',
          entry: 'endAll',
          always: { guard: 'isAlone', target: 'sweeping' },
        },
        sweeping: {
          description: 'All profiles are out; what a crashed actor left is closed by its scope.',
          invoke: {
            id: 'release',
            src: 'release',
            input: { how: 'close' },
            onDone: {
              target: '#guardian.terminated',
              actions: { type: 'addToReport', params: ({ event }) => ({ report: event.output }) },
            },
            onError: '#guardian.terminated',
          },
        },
      },
    },
    forcing: {
      description: 'A second signal, or the deadline: what is left is ended without waiting.',
      tags: 'terminating',
      invoke: {
        id: 'force',
        src: 'release',
        input: { how: 'force' },
        onDone: {
          target: 'terminated',
          actions: { type: 'addToReport', params: ({ event }) => ({ report: event.output }) },
        },
        onError: 'terminated',
      },
      after: { forcingDeadline: 'terminated' },
      on: { 'guardian.stop': { description: 'Already on the way out.' } },
    },
    terminated: {
      description: 'Nothing is left; the report says what was done.',
      tags: 'terminated',
      type: 'final',
      entry: {
        type: 'publish',
        params: ({ context }) => ({ fact: { type: 'guardian.terminated', report: context.report } }),
      },
    },
  },
  output: ({ context }) => context.report,
});
