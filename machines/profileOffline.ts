/** Without a line although one is wanted: it was lost, or it is waited for. */
import * as facts from './profileFacts.js';
import { profileSetup } from './profileSetup.js';

/** Told to end on the way: there is nothing to wait for. */
export const ends = profileSetup.createStateConfig({
  always: [
    { guard: 'isTerminating', target: 'terminating' },
    {
      guard: 'isLeaving',
      target: '#profile.disconnected.closing',
      actions: { type: 'tell', params: ({ context }) => facts.disconnected(context) },
    },
  ],
});

export const lost = profileSetup.createStateConfig({
  description: 'The line is gone. What it held is closed before another one is opened; the sessions run on.',
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
  always: ends.always,
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
      target: '#profile.disconnected.closing',
      actions: { type: 'tell', params: ({ context }) => facts.disconnected(context) },
    },
  },
});

export const waitingToRetry = profileSetup.createStateConfig({
  description: 'The line dropped. The remote sessions keep running; we only wait.',
  tags: 'waitingToRetry',
  entry: { type: 'enter', params: { state: 'waitingToRetry' } },
  after: { backoff: 'online' },
  on: {
    'profile.connect': { target: 'online', description: 'Somebody does not want to wait.' },
    'clock.woke': { target: 'online', description: 'The machine slept: the wait is over.' },
    'profile.disconnect': {
      target: '#profile.disconnected.closing',
      actions: { type: 'tell', params: ({ context }) => facts.disconnected(context) },
    },
  },
});
