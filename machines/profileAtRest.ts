/** Without a line, and no other one is tried: nobody asked for one, or it was refused for good. */
import * as facts from './profileFacts.js';
import { ends } from './profileOffline.js';
import { profileSetup } from './profileSetup.js';

/** There are never two lines: another one is opened when the one before is closed. */
const closing = profileSetup.createStateConfig({
  description: 'What the line held is closed. Whoever wants another one waits for that.',
  invoke: {
    id: 'release',
    src: 'release',
    input: ({ context }) => ({ profile: context.profile.id, how: 'settle' }),
    onDone: 'closed',
    onError: 'closed',
  },
  after: { releaseDeadline: 'closed' },
  on: { 'profile.connect': { actions: ['forgetFailure', 'wantLine'] } },
});

const closed = profileSetup.createStateConfig({
  description: 'Nothing of a line is left.',
  always: { guard: 'wantsLine', target: '#profile.online' },
  on: { 'profile.connect': '#profile.online' },
});

export const disconnected = profileSetup.createStateConfig({
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
  initial: 'closed',
  on: { 'profile.disconnect': { actions: 'forgetLine', description: 'Nor is another one wanted any more.' } },
  states: { closing, closed },
});

export const failed = profileSetup.createStateConfig({
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
  always: ends.always,
  initial: 'closing',
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
    'profile.disconnect': {
      target: '#profile.disconnected.closing',
      actions: ['forgetLine', { type: 'tell', params: ({ context }) => facts.disconnected(context) }],
    },
  },
  states: { closing, closed },
});
