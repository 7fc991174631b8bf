import { initialContext, profileActorId } from './guardianModel.js';
import { guardianSetup } from './guardianSetup.js';
import type { ReportEntry } from './vocabulary.js';

export {
  type GuardianEvent,
  type GuardianInput,
  profileActorId,
} from './guardianModel.js';

const ended = (event: { readonly actorId: string; readonly output?: unknown }) => ({
  actorId: event.actorId,
  report: (event.output ?? []) as readonly ReportEntry[],
});

/** One guardian over all profiles: it starts them, passes on what they report, and sees them out. */
export const guardianMachine = guardianSetup.createMachine({
  id: 'guardian',
  context: ({ input }) => initialContext(input),
  initial: 'idle',
  on: {
    'fact.reported': {
      actions: [
        { type: 'noteState', params: ({ event }) => ({ fact: event.fact }) },
        { type: 'publish', params: ({ event }) => ({ fact: event.fact }) },
      ],
    },
    'operation.settled': { actions: { type: 'settle', params: ({ event }) => ({ news: event }) } },
    'guardian.stop': {
      target: '.terminating',
      actions: {
        type: 'rememberReason',
        params: ({ event }) => ({ reason: event.reason, at: event.at }),
      },
    },
    'xstate.done.actor.*': {
      actions: { type: 'seeOut', params: ({ event }) => ended(event) },
    },
    'xstate.error.actor.*': {
      actions: { type: 'seeOut', params: ({ event }) => ({ actorId: event.actorId }) },
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
            { type: 'seeOut', params: ({ event }) => ({ actorId: event.actorId }) },
          ],
        },
      },
    },
    terminating: {
      description: 'Told to stop.',
      tags: 'terminating',
      entry: {
        type: 'publish',
        params: ({ context }) => ({ fact: { type: 'guardian.terminating', reason: context.reason } }),
      },
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
          initial: 'waiting',
          states: {
            waiting: {
              description: 'Not for ever.',
              after: { terminationDeadline: '#guardian.forcing' },
              on: {
                'deadline.wanted': {
                  target: 'waiting',
                  reenter: true,
                  description: 'Sessions have to be suspended or terminated first.',
                  actions: {
                    type: 'extendDeadline',
                    params: ({ event: { profile, ms, left } }) => ({ profile, ms, left }),
                  },
                },
              },
            },
          },
        },
        sweeping: {
          description: 'All profiles are out; what a crashed actor left is closed by its scope.',
          after: { sweepingDeadline: '#guardian.forcing' },
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
      entry: [
        'reportLeft',
        {
          type: 'publish',
          params: ({ context }) => ({ fact: { type: 'guardian.terminated', report: context.report } }),
        },
      ],
    },
  },
  output: ({ context }) => context.report,
});
