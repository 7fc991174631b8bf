import { type AnyActorLogic, assign, emit, enqueueActions, setup } from 'xstate';
import { clampTimer, type RefreshPlan, type Timing } from './policy.js';
import { placeholders } from './ports.js';
import type { ProfileInput, ProfileRequest } from './profile.js';
import type { Fact, GuardianTag, Profile, ProfileId, ReportEntry } from './vocabulary.js';

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
    isGuarded: ({ context }, p: { profile: ProfileId }) => context.guarded.includes(p.profile),
  },
  actions: {
    publish: emit((_, p: { fact: Fact }) => p.fact),
    guard: enqueueActions(({ context, enqueue }, p: { profiles: readonly Profile[] }) => {
      const { plan, timing, watch, identify, guarded } = context;
      for (const [index, profile] of p.profiles.entries()) {
        const offsetMs = offsetOf(guarded.length + index, timing.refreshInterval);
        const input: ProfileInput = { profile, plan, timing, watch, identify, offsetMs };
        enqueue.spawnChild('profile', { id: profileActorId(profile.id), input });
        if (context.connect) enqueue.sendTo(profileActorId(profile.id), { type: 'profile.connect' });
      }
      enqueue.assign({ guarded: [...guarded, ...p.profiles.map(({ id }) => id)] });
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
    ask: enqueueActions(({ enqueue }, p: { profile: ProfileId; request: ProfileRequest }) => {
      enqueue.sendTo(profileActorId(p.profile), p.request);
    }),
    endAll: enqueueActions(({ context, enqueue }) => {
      for (const id of context.guarded) enqueue.sendTo(profileActorId(id), { type: 'profile.terminate' });
    }),
    /** A profile that ended says what became of its resources; one that crashed left them to its scope. */
    seeOut: enqueueActions(({ context, enqueue }, p: { actorId: string; report: readonly ReportEntry[] }) => {
      if (!context.guarded.some((id) => profileActorId(id) === p.actorId)) return;
      enqueue.stopChild(p.actorId);
      enqueue.assign({
        guarded: without(context.guarded, p.actorId),
        report: [...context.report, ...p.report],
      });
    }),
    rememberReason: assign({ reason: (_, p: { reason: string }) => p.reason }),
    addToReport: assign({
      report: ({ context }, p: { report: readonly ReportEntry[] }) => [...context.report, ...p.report],
    }),
  },
}).createMachine({
  id: 'guardian',
  context: ({ input }) => ({
    ...input,
    profiles: Object.fromEntries(input.profiles.map((profile) => [profile.id, profile])),
    guarded: [],
    reason: '',
    report: [],
  }),
  initial: 'idle',
  on: {
    'fact.reported': { actions: { type: 'publish', params: ({ event }) => ({ fact: event.fact }) } },
    'guardian.stop': {
      target: '.terminating',
      actions: { type: 'rememberReason', params: ({ event }) => ({ reason: event.reason }) },
    },
    'xstate.done.actor.*': {
      actions: {
        type: 'seeOut',
        params: ({ event }) => ({
          actorId: event.actorId,
          report: 'output' in event ? (event.output as readonly ReportEntry[]) : [],
        }),
      },
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
          guard: { type: 'isGuarded', params: ({ event }) => ({ profile: event.profile }) },
          actions: [
            { type: 'dropProfile', params: ({ event }) => ({ profile: event.profile }) },
            {
              type: 'ask',
              params: ({ event }) => ({ profile: event.profile, request: { type: 'profile.terminate' } }),
            },
          ],
        },
        'profile.ask': {
          guard: { type: 'isGuarded', params: ({ event }) => ({ profile: event.profile }) },
          actions: {
            type: 'ask',
            params: ({ event }) => ({ profile: event.profile, request: event.request }),
          },
        },
      },
    },
    terminating: {
      description:
        'Told to stop: all profiles close what they hold, at the same time and under one deadline.',
      tags: 'terminating',
      entry: [
        {
          type: 'publish',
          params: ({ context }) => ({ fact: { type: 'guardian.terminating', reason: context.reason } }),
        },
        'endAll',
      ],
      always: { guard: 'isAlone', target: 'sweeping' },
      after: { terminationDeadline: 'forcing' },
      on: {
        'guardian.stop': { description: 'Already on the way out.' },
        'guardian.force': 'forcing',
      },
    },
    sweeping: {
      description: 'All profiles are out; what a crashed actor left is closed by its scope.',
      tags: 'terminating',
      invoke: {
        id: 'release',
        src: 'release',
        input: { how: 'close' },
        onDone: {
          target: 'terminated',
          actions: { type: 'addToReport', params: ({ event }) => ({ report: event.output }) },
        },
        onError: 'terminated',
      },
      after: { terminationDeadline: 'forcing' },
      on: {
        'guardian.stop': { description: 'Already on the way out.' },
        'guardian.force': 'forcing',
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
