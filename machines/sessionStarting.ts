/** From an order to an agent; and what is to be done when that breaks off. */

import { crashedCall, notEnded } from './sessionRules.js';
import { sessionSetup } from './sessionSetup.js';
import { orderOf, showing } from './sessionShowing.js';
import { doubting, failureOf, stranded, strands, withdrawing } from './sessionWithdrawing.js';

const startDeadline = 30_000;
/** The owner of a desktop is asked, and may be away (PROTOCOL 3.6). */
const sharingDeadline = 300_000;

export const starting = sessionSetup.createStateConfig({
  description: 'Its agent waits for the picture to be fetched for the first time.',
  tags: 'starting',
  entry: { type: 'enter', params: { state: 'starting' } },
  initial: 'elsewhere',
  states: {
    deciding: {
      description: 'It is asked for as soon as there is a line.',
      always: [{ guard: 'isLineUp', target: 'allocating' }, { target: 'awaitingLine' }],
    },
    awaitingLine: {
      description: 'Nothing has been asked of the server yet.',
      always: {
        guard: { type: 'wants', params: { wanted: 'terminated' } },
        target: '#session.undone',
      },
      on: {
        'line.up': {
          target: 'allocating',
          actions: { type: 'rememberLine', params: { up: true } },
        },
        'line.denied': {
          target: '#session.undone',
          actions: { type: 'rememberFailure', params: ({ event }) => ({ failure: event.failure }) },
        },
      },
    },
    allocating: {
      description: 'x2gostartagent: the server finds a display, ports and a cookie, and starts the agent.',
      entry: ['own', 'forgetFailure'],
      invoke: {
        id: 'start',
        src: 'startAgent',
        input: ({ context }) => ({
          profile: context.profile,
          operation: context.start?.operation ?? '',
          order: orderOf(context),
          deadlineMs: context.start?.order.kind === 'shadow' ? sharingDeadline : startDeadline,
        }),
        onDone: [
          {
            guard: ({ event }) => event.output.outcome.ok,
            target: 'named',
            actions: [
              {
                type: 'rememberRecord',
                params: ({ context, event }) => ({
                  record: event.output.outcome.ok ? event.output.outcome.value : context.record,
                }),
              },
              { type: 'progress', params: ({ event }) => ({ phase: 'agent' as const, at: event.output.at }) },
            ],
          },
          {
            guard: { type: 'isCutOff', params: ({ event }) => ({ failure: failureOf(event.output) }) },
            target: 'doubting',
          },
          {
            target: 'withdrawing',
            actions: {
              type: 'rememberFailure',
              params: ({ event }) => ({ failure: failureOf(event.output) ?? crashedCall }),
            },
          },
        ],
        onError: {
          target: 'withdrawing',
          actions: { type: 'rememberFailure', params: { failure: crashedCall } },
        },
      },
      always: { guard: { type: 'wants', params: { wanted: 'terminated' } }, target: 'withdrawing' },
      on: {
        'line.lost': strands,
      },
    },
    doubting,
    stranded,
    withdrawing,
    named: {
      description: 'The server gave it a name.',
      entry: [
        'sayNamed',
        {
          type: 'report',
          params: { type: 'session.registered', state: 'starting', from: 'virgin', by: 'me' },
        },
      ],
      always: 'showing',
    },
    showing,
    elsewhere: {
      description: 'Somebody else starts it; or a start of ours that could not be ended is listed again.',
      entry: ['detach', { type: 'disown', params: { left: notEnded } }],
      always: { guard: 'canEnd', target: '#session.terminating.asking' },
      on: {
        'server.running': {
          target: '#session.running.elsewhere',
          actions: [
            { type: 'rememberStint', params: ({ event }) => ({ stint: event.stint }) },
            { type: 'report', params: { type: 'session.started', state: 'running' } },
          ],
        },
        'server.suspending': {
          target: '#session.suspending.elsewhere',
          actions: { type: 'report', params: { type: 'session.started', state: 'suspending' } },
        },
        'server.suspended': {
          target: '#session.suspended',
          actions: [
            { type: 'report', params: { type: 'session.started', state: 'running' } },
            { type: 'report', params: { type: 'session.suspended', state: 'suspended', from: 'running' } },
          ],
        },
      },
    },
  },
});
