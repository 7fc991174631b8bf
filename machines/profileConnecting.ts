/** From a socket to a server that has said what it is and what runs there. */
import { raise } from 'xstate';
import type { SurveyAnswer } from './ports.js';
import * as facts from './profileFacts.js';
import { profileSetup } from './profileSetup.js';

interface Answered {
  readonly event: { readonly output: SurveyAnswer };
}
const refusedForGood = {
  guard: { type: 'refusedForGood', params: ({ event }: Answered) => ({ answer: event.output }) },
  target: '#profile.failed',
  actions: {
    type: 'rememberFailure',
    params: ({ event }: Answered) => ({ failure: facts.failureOf(event.output) }),
  },
} as const;

/** While the server is asked: starts do not wait for its answer, and before an end the sessions are seen to. */
const asking = profileSetup.createStateConfig({
  tags: 'connecting',
  on: {
    'session.start': {
      actions: {
        type: 'startSession',
        params: ({ event: { operation, order, at } }) => ({ operation, order, at, up: true }),
      },
    },
    'profile.terminate': {
      guard: 'runsSessions',
      target: 'connected',
      actions: {
        type: 'planEnd',
        params: ({ event }) => ({ ending: 'terminating' as const, at: event.at }),
      },
    },
  },
});

export const connecting = profileSetup.createStateConfig({
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
});

export const introducing = profileSetup.createStateConfig({
  ...asking,
  description:
    'The server says what it can, and what runs there, in one round trip. Starts do not wait for that.',
  entry: 'forgetObserved',
  invoke: {
    id: 'introduction',
    src: 'survey',
    input: ({ context }) => facts.surveyInput(context, context.identify),
    onDone: [
      refusedForGood,
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
});

export const identifying = profileSetup.createStateConfig({
  ...asking,
  description: 'The listing would not come: the server is asked only what it is.',
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
      refusedForGood,
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
});
