/** A start that is taken back: its line broke, it failed, or nobody wants it any more. */
import type { Answer } from './sessionPorts.js';
import { crashedCall } from './sessionRules.js';
import { sessionSetup } from './sessionSetup.js';
import type { Failure } from './vocabulary.js';

const withdrawDeadline = 20_000;

export const failureOf = ({ outcome }: Answer<unknown>): Failure | undefined =>
  outcome.ok ? undefined : outcome.failure;

export const strands = {
  target: 'stranded',
  actions: { type: 'rememberLine', params: { up: false } },
} as const;

const asItIsToBe = {
  'server.gone': { description: 'As it is to be.' },
  'server.unlisted': { description: 'As it is to be.' },
};

export const doubting = sessionSetup.createStateConfig({
  description: 'It broke off: a moment shows whether the line did too.',
  entry: 'countLook',
  after: { lookAgain: 'stranded' },
  on: {
    'line.lost': strands,
    ...asItIsToBe,
  },
});

export const stranded = sessionSetup.createStateConfig({
  description: 'The line broke in the middle of a start: what it left is taken back first.',
  entry: 'detach',
  always: { guard: 'canWithdraw', target: 'withdrawing' },
  on: {
    'line.denied': {
      description: 'It is not started again.',
      actions: [
        { type: 'fail', params: ({ event }) => ({ failure: event.failure }) },
        { type: 'want', params: { wanted: 'terminated' } },
      ],
    },
    ...asItIsToBe,
  },
});

export const withdrawing = sessionSetup.createStateConfig({
  description: 'Nothing of an interrupted start may live on: neither a row nor an agent.',
  invoke: {
    id: 'withdrawal',
    src: 'withdraw',
    input: ({ context }) => ({
      profile: context.profile,
      operation: context.start?.operation ?? '',
      deadlineMs: withdrawDeadline,
    }),
    onDone: [
      {
        guard: { type: 'isCutOff', params: ({ event }) => ({ failure: failureOf(event.output) }) },
        target: 'doubting',
      },
      {
        guard: ({ event }) => !event.output.outcome.ok,
        target: '#session.abandoned',
        description: 'Whoever reads the report must know.',
        actions: [
          {
            type: 'rememberFailure',
            params: ({ context, event }) => ({
              failure: context.failure ?? failureOf(event.output) ?? crashedCall,
            }),
          },
          { type: 'disown', params: ({ event }) => ({ left: failureOf(event.output) ?? crashedCall }) },
        ],
      },
      { guard: 'hasFailed', target: '#session.undone' },
      {
        guard: { type: 'wants', params: { wanted: 'shown' } },
        target: 'deciding',
        actions: ['reportWithdrawn', 'sayWithdrawn', 'forgetRecord'],
      },
      { target: '#session.undone' },
    ],
    onError: {
      target: '#session.abandoned',
      actions: [
        {
          type: 'rememberFailure',
          params: ({ context }) => ({ failure: context.failure ?? crashedCall }),
        },
        { type: 'disown', params: { left: crashedCall } },
      ],
    },
  },
  on: {
    'line.lost': strands,
    ...asItIsToBe,
  },
});
