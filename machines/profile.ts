import { assign, raise } from 'xstate';
import { clampTimer, degradedAfter } from './policy.js';
import { disconnected, failed } from './profileAtRest.js';
import { connected } from './profileConnected.js';
import { connecting, identifying, introducing } from './profileConnecting.js';
import * as facts from './profileFacts.js';
import { initialContext } from './profileModel.js';
import { lost, waitingToRetry } from './profileOffline.js';
import { profileSetup } from './profileSetup.js';

export type {
  ProfileContext,
  ProfileEvent,
  ProfileInput,
  ProfileRequest,
} from './profileModel.js';

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
    'session.named': [
      {
        guard: 'wantsListing',
        actions: [
          { type: 'nameSession', params: ({ event }) => ({ actor: event.actor, record: event.record }) },
          raise({ type: 'refresh.wanted' }),
        ],
      },
      {
        actions: {
          type: 'nameSession',
          params: ({ event }) => ({ actor: event.actor, record: event.record }),
        },
      },
    ],
    'session.settled': {
      actions: { type: 'settleSession', params: ({ event }) => ({ actor: event.actor }) },
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
    'fact.reported': {
      actions: [
        { type: 'tell', params: ({ event }) => ({ fact: event.fact }) },
        { type: 'notePicture', params: ({ event }) => ({ fact: event.fact }) },
      ],
    },
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
    disconnected,
    online: {
      description: 'One SSH transport lives exactly as long as this state.',
      invoke: {
        id: 'transport',
        src: 'transport',
        input: ({ context }) => ({
          profile: context.profile,
          attempt: context.attempt,
          degradedAfterMs: clampTimer(degradedAfter(context.timing, context.profile)),
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
        'forgetLine',
        { type: 'tell', params: ({ context }) => facts.connecting(context) },
      ],
      initial: 'connecting',
      on: {
        'profile.disconnect': {
          target: '#profile.disconnected.closing',
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
        connecting,
        introducing,
        identifying,
        connected,
      },
    },
    lost,
    waitingToRetry,
    failed,
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
