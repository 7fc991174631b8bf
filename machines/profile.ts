import { assign, raise } from 'xstate';
import { connected } from './profileConnected.js';
import * as facts from './profileFacts.js';
import { initialContext } from './profileModel.js';
import { profileSetup } from './profileSetup.js';

export type {
  ProfileContext,
  ProfileEvent,
  ProfileInput,
  ProfileRequest,
} from './profileModel.js';

const planTermination = {
  type: 'planEnd' as const,
  params: ({ event }: { event: { readonly at?: number } }) => ({
    ending: 'terminating' as const,
    at: event.at,
  }),
};

/** One session profile: its control session over one SSH transport at a time, and the sessions it sees there. */
export const profileMachine = profileSetup.createMachine({
  id: 'profile',
  context: ({ input }) => initialContext(input),
  invoke: {
    id: 'metronome',
    src: 'metronome',
    input: ({ context }) => ({
      profile: context.profile.id,
      intervalMs: context.timing.refreshInterval,
      offsetMs: context.offsetMs,
    }),
    onError: {
      target: '.failed',
      actions: { type: 'rememberFailure', params: { failure: facts.crashed('metronome') } },
    },
  },
  initial: 'disconnected',
  on: {
    'profile.terminate': {
      target: '.terminating',
      actions: {
        type: 'planEnd',
        params: ({ event }) => ({ ending: 'terminating' as const, at: event.at }),
      },
    },
    'session.start': {
      description: 'It waits for the line, if there is none.',
      actions: {
        type: 'startSession',
        params: ({ event: { operation, order, at } }) => ({ operation, order, at, up: false }),
      },
    },
    'session.request': {
      actions: {
        type: 'request',
        params: ({ event: { operation, session, wanted, presentation } }) => ({
          asked: { operation, session, wanted, ...(presentation ? { presentation } : {}) },
        }),
      },
    },
    'operation.abandon': {
      actions: { type: 'abandon', params: ({ event }) => ({ operation: event.operation }) },
    },
    'operation.settled': { actions: { type: 'settle', params: ({ event }) => ({ news: event }) } },
    'session.named': {
      actions: [
        { type: 'nameSession', params: ({ event }) => ({ actor: event.actor, record: event.record }) },
        raise({ type: 'refresh.wanted' }),
      ],
    },
    'session.withdrawn': {
      actions: {
        type: 'unnameSession',
        params: ({ event }) => ({ actor: event.actor, session: event.session }),
      },
    },
    'session.owned': [
      {
        guard: ({ event }) => event.owned,
        actions: { type: 'noteOwned', params: ({ event }) => ({ actor: event.actor }) },
      },
      {
        actions: { type: 'noteLeft', params: ({ event }) => ({ actor: event.actor, left: event.left }) },
      },
    ],
    'session.left': {
      actions: { type: 'noteLeft', params: ({ event }) => ({ actor: event.actor, left: event.left }) },
    },
    'fact.reported': { actions: { type: 'tell', params: ({ event }) => ({ fact: event.fact }) } },
    'registration.pause': {
      description: 'Nothing new is registered; what is registered is followed.',
      actions: assign({ registering: false }),
    },
    'registration.resume': {
      description: 'What appeared meanwhile is registered by a listing at once.',
      actions: [assign({ registering: true }), raise({ type: 'refresh.wanted' })],
    },
    'xstate.done.actor.*': {
      actions: { type: 'forgetSession', params: ({ event }) => ({ actor: event.actorId }) },
    },
    'xstate.error.actor.*': {
      actions: { type: 'forgetSession', params: ({ event }) => ({ actor: event.actorId }) },
    },
  },
  states: {
    disconnected: {
      description: 'Nobody asked for a connection, or somebody asked to end it.',
      tags: 'disconnected',
      entry: [
        { type: 'enter', params: { state: 'disconnected' } },
        'forgetFailure',
        'forgetAttempts',
        'dropCaches',
        'forgetEnd',
        { type: 'refuseAsked', params: { failure: facts.notConnected } },
        { type: 'announceLine', params: { up: false } },
        { type: 'denyLine', params: { failure: facts.notConnected } },
      ],
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
        input: ({ context }) => ({
          profile: context.profile,
          attempt: context.attempt,
          degradedAfterMs: context.timing.degradedAfter,
        }),
        onError: {
          target: 'lost',
          actions: [
            { type: 'rememberFailure', params: { failure: facts.crashed('transport') } },
            { type: 'planRetry', params: { chance: 0.5 } },
          ],
        },
      },
      entry: [
        'countAttempt',
        'forgetFailure',
        { type: 'tell', params: ({ context }) => facts.connecting(context) },
      ],
      initial: 'connecting',
      on: {
        'profile.disconnect': {
          target: 'disconnected',
          actions: { type: 'tell', params: ({ context }) => facts.disconnected(context) },
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
              {
                guard: 'wantsIntroduction',
                target: 'introducing',
                actions: { type: 'announceLine', params: { up: true } },
              },
              {
                target: 'connected',
                actions: [
                  { type: 'tell', params: ({ context }) => facts.connected(context) },
                  { type: 'announceLine', params: { up: true } },
                ],
              },
            ],
          },
        },
        introducing: {
          description:
            'The server says what it can, and what runs there, in one round trip. Starts do not wait for that.',
          tags: 'connecting',
          entry: 'forgetObserved',
          on: {
            'session.start': {
              actions: {
                type: 'startSession',
                params: ({ event: { operation, order, at } }) => ({ operation, order, at, up: true }),
              },
            },
            'profile.terminate': { guard: 'runsSessions', target: 'connected', actions: planTermination },
          },
          invoke: {
            id: 'introduction',
            src: 'survey',
            input: ({ context }) => facts.surveyInput(context, context.identify),
            onDone: [
              {
                guard: { type: 'refusedForGood', params: ({ event }) => ({ answer: event.output }) },
                target: '#profile.failed',
                actions: {
                  type: 'rememberFailure',
                  params: ({ event }) => ({ failure: facts.failureOf(event.output) }),
                },
              },
              {
                guard: { type: 'isIntroduced', params: ({ event }) => ({ answer: event.output }) },
                target: 'connected',
                actions: [
                  { type: 'introduce', params: ({ event }) => ({ answer: event.output }) },
                  { type: 'tell', params: ({ context }) => facts.connected(context) },
                  { type: 'cacheListing', params: ({ event }) => ({ answer: event.output }) },
                  { type: 'reconcileRegistry', params: ({ event }) => ({ answer: event.output }) },
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
          on: {
            'session.start': {
              actions: {
                type: 'startSession',
                params: ({ event: { operation, order, at } }) => ({ operation, order, at, up: true }),
              },
            },
            'profile.terminate': { guard: 'runsSessions', target: 'connected', actions: planTermination },
          },
          invoke: {
            id: 'identification',
            src: 'survey',
            input: ({ context }) => ({
              ...facts.surveyInput(context, true),
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
                  params: ({ event }) => ({ failure: facts.failureOf(event.output) }),
                },
              },
              {
                guard: { type: 'isIntroduced', params: ({ event }) => ({ answer: event.output }) },
                target: 'connected',
                actions: [
                  { type: 'introduce', params: ({ event }) => ({ answer: event.output }) },
                  { type: 'tell', params: ({ context }) => facts.connected(context) },
                  raise({ type: 'refresh.wanted' }),
                ],
              },
              {
                target: '#profile.lost',
                actions: [
                  {
                    type: 'rememberFailure',
                    params: ({ event }) => ({ failure: facts.failureOf(event.output) }),
                  },
                  { type: 'planRetry', params: { chance: 0.5 } },
                ],
              },
            ],
            onError: {
              target: '#profile.lost',
              actions: [
                { type: 'rememberFailure', params: { failure: facts.crashed('survey') } },
                { type: 'planRetry', params: { chance: 0.5 } },
              ],
            },
          },
        },
        connected,
      },
    },
    lost: {
      description:
        'The line is gone. What it held is closed before another one is opened; the sessions run on.',
      tags: 'lost',
      entry: [
        { type: 'tell', params: ({ context }) => facts.lost(context) },
        { type: 'enter', params: { state: 'lost' } },
        'dropCaches',
        {
          type: 'refuseAsked',
          params: ({ context }) => ({ failure: context.failure ?? facts.silence }),
        },
        { type: 'announceLine', params: { up: false } },
      ],
      always: [
        { guard: 'isTerminating', target: 'terminating' },
        {
          guard: 'isLeaving',
          target: 'disconnected',
          actions: { type: 'tell', params: ({ context }) => facts.disconnected(context) },
        },
      ],
      invoke: {
        id: 'release',
        src: 'release',
        input: ({ context }) => ({ profile: context.profile.id, how: 'settle' }),
        onDone: 'waitingToRetry',
        onError: 'waitingToRetry',
      },
      after: { releaseDeadline: 'waitingToRetry' },
      on: {
        'profile.connect': { actions: 'retryAtOnce', description: 'Somebody does not want to wait.' },
        'clock.woke': { actions: 'retryAtOnce', description: 'The machine slept: there is no wait.' },
        'profile.disconnect': {
          target: 'disconnected',
          actions: { type: 'tell', params: ({ context }) => facts.disconnected(context) },
        },
      },
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
          actions: { type: 'tell', params: ({ context }) => facts.disconnected(context) },
        },
      },
    },
    failed: {
      description: 'Refused for good: trying again would not help. Only a new connect() leaves this state.',
      tags: 'failed',
      entry: [
        { type: 'tell', params: ({ context }) => facts.failed(context) },
        { type: 'enter', params: { state: 'failed' } },
        'dropCaches',
        'forgetAttempts',
        {
          type: 'refuseAsked',
          params: ({ context }) => ({ failure: context.failure ?? facts.silence }),
        },
        { type: 'announceLine', params: { up: false } },
        { type: 'denyLine', params: ({ context }) => ({ failure: context.failure ?? facts.silence }) },
      ],
      always: [
        { guard: 'isTerminating', target: 'terminating' },
        {
          guard: 'isLeaving',
          target: 'disconnected',
          actions: { type: 'tell', params: ({ context }) => facts.disconnected(context) },
        },
      ],
      invoke: {
        id: 'release',
        src: 'release',
        input: ({ context }) => ({ profile: context.profile.id, how: 'settle' }),
      },
      on: {
        'session.start': {
          description: 'There will be no line for it.',
          actions: {
            type: 'refuse',
            params: ({ context, event }) => ({
              operation: event.operation,
              failure: context.failure ?? facts.silence,
            }),
          },
        },
        'session.request': {
          actions: {
            type: 'refuse',
            params: ({ context, event }) => ({
              operation: event.operation,
              failure: context.failure ?? facts.silence,
            }),
          },
        },
        'profile.connect': 'online',
        'profile.disconnect': {
          target: 'disconnected',
          actions: { type: 'tell', params: ({ context }) => facts.disconnected(context) },
        },
      },
    },
    terminating: {
      description: 'Told to stop: what this profile holds is closed in reverse order of opening.',
      tags: 'terminating',
      entry: [
        { type: 'enter', params: { state: 'terminating' } },
        'dropCaches',
        'reportLeft',
        { type: 'refuseAsked', params: { failure: facts.ending } },
        { type: 'denyLine', params: { failure: facts.ending } },
      ],
      invoke: {
        id: 'release',
        src: 'release',
        input: ({ context }) => ({ profile: context.profile.id, how: 'close' }),
        onDone: {
          target: 'terminated',
          actions: { type: 'addToReport', params: ({ event }) => ({ report: event.output }) },
        },
        onError: 'terminated',
      },
      after: { releaseDeadline: 'terminated' },
      on: {
        'profile.terminate': { description: 'Already on the way out.' },
        'session.start': {
          description: 'Nothing new is begun any more.',
          actions: {
            type: 'refuse',
            params: ({ event }) => ({ operation: event.operation, failure: facts.ending }),
          },
        },
        'session.request': {
          actions: {
            type: 'refuse',
            params: ({ event }) => ({ operation: event.operation, failure: facts.ending }),
          },
        },
        'xstate.error.actor.metronome': {
          description: 'There is no tick any more; its scope sees to the timer.',
        },
      },
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
