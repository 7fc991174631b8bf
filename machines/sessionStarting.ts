/** From an order to a picture. */

import type { SessionOrder } from './orders.js';
import type { SessionContext } from './sessionModel.js';
import { agentEnded, crashedCall, pictureless } from './sessionRules.js';
import { sessionSetup } from './sessionSetup.js';
import { doubting, failureOf, stranded, strands, withdrawing } from './sessionWithdrawing.js';

const startDeadline = 30_000;
/** The owner of a desktop is asked, and may be away (PROTOCOL 3.6). */
const sharingDeadline = 300_000;
const commandDeadline = 15_000;

const orderOf = ({ start }: SessionContext): SessionOrder => start?.order ?? { kind: 'published' };

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
    showing: {
      description: 'Tunnels, then the viewer, then the picture.',
      entry: 'attach',
      always: [
        { guard: { type: 'wants', params: { wanted: 'terminated' } }, target: '#session.terminating.asking' },
        { guard: 'isDetached', target: '#session.terminating.asking' },
      ],
      on: {
        'attachment.progress': {
          actions: { type: 'progress', params: ({ event }) => ({ phase: event.phase, at: event.at }) },
        },
        'attachment.shown': [
          {
            guard: 'hasCommand',
            target: 'commanding',
            actions: { type: 'rememberSound', params: ({ event }) => ({ sound: event.sound }) },
          },
          {
            target: '#session.running.shown',
            actions: { type: 'report', params: { type: 'session.started', state: 'running', by: 'me' } },
          },
        ],
        'server.unlisted': { description: 'When its agent ends, its viewer does.' },
        'server.gone': {
          target: '#session.terminating.asking',
          description: 'Its agent is gone; the row it may have left goes too.',
          actions: { type: 'rememberFailure', params: { failure: agentEnded } },
        },
        'attachment.ended': [
          {
            guard: { type: 'isCutOff', params: ({ event }) => ({ failure: event.end.failure }) },
            target: 'doubting',
            actions: { type: 'drop', params: ({ event }) => ({ end: event.end, at: event.at }) },
          },
          {
            target: '#session.terminating.asking',
            actions: [
              { type: 'drop', params: ({ event }) => ({ end: event.end, at: event.at }) },
              {
                type: 'rememberFailure',
                params: ({ event }) => ({ failure: pictureless(event.end.failure) }),
              },
            ],
          },
        ],
        'line.lost': strands,
      },
    },
    commanding: {
      description: 'x2goruncommand: what was ordered is executed there.',
      invoke: {
        id: 'command',
        src: 'runCommand',
        input: ({ context }) => ({
          profile: context.profile,
          session: context.record?.session ?? '',
          display: context.record?.display ?? 0,
          agentPid: context.record?.agentPid ?? 0,
          soundPort: context.record?.ports?.sound ?? 0,
          sound: context.sound,
          order: orderOf(context),
          deadlineMs: commandDeadline,
        }),
        onDone: [
          {
            guard: ({ event }) => event.output.outcome.ok,
            target: '#session.running.shown',
            actions: [
              {
                type: 'progress',
                params: ({ event }) => ({ phase: 'command' as const, at: event.output.at }),
              },
              { type: 'report', params: { type: 'session.started', state: 'running', by: 'me' } },
            ],
          },
          {
            guard: { type: 'isCutOff', params: ({ event }) => ({ failure: failureOf(event.output) }) },
            target: 'doubting',
          },
          {
            target: '#session.terminating.asking',
            actions: {
              type: 'rememberFailure',
              params: ({ event }) => ({ failure: failureOf(event.output) ?? crashedCall }),
            },
          },
        ],
        onError: {
          target: '#session.terminating.asking',
          actions: { type: 'rememberFailure', params: { failure: crashedCall } },
        },
      },
      always: {
        guard: { type: 'wants', params: { wanted: 'terminated' } },
        target: '#session.terminating.asking',
      },
      on: {
        'line.lost': strands,
        'server.unlisted': { description: 'When its agent ends, its viewer does.' },
      },
    },
    elsewhere: {
      description: 'Somebody else starts it.',
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
