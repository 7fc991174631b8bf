/** From an order to a picture. */

import type { SessionOrder } from './orders.js';
import type { SessionContext } from './sessionModel.js';
import { crashedCall, pictureless } from './sessionRules.js';
import { sessionSetup } from './sessionSetup.js';

const startDeadline = 30_000;
/** The owner of a desktop is asked, and may be away (PROTOCOL 3.6). */
const sharingDeadline = 300_000;
const withdrawDeadline = 20_000;
const commandDeadline = 15_000;

const orderOf = ({ start }: SessionContext): SessionOrder => start?.order ?? { kind: 'published' };

export const starting = sessionSetup.createStateConfig({
  description: 'Its agent waits for the picture to be fetched for the first time.',
  tags: 'starting',
  entry: { type: 'enter', params: { state: 'starting' } },
  initial: 'elsewhere',
  states: {
    deciding: {
      description: 'Ours: it is asked for as soon as there is a line.',
      entry: 'own',
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
      },
    },
    allocating: {
      description: 'x2gostartagent: the server finds a display, ports and a cookie, and starts the agent.',
      entry: 'forgetFailure',
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
                  record: event.output.outcome.ok ? event.output.outcome.value : context.record!,
                }),
              },
              { type: 'progress', params: ({ event }) => ({ phase: 'agent' as const, at: event.output.at }) },
            ],
          },
          {
            target: 'withdrawing',
            actions: {
              type: 'rememberFailure',
              params: ({ event }) => ({
                failure: event.output.outcome.ok ? crashedCall : event.output.outcome.failure,
              }),
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
        'line.lost': { target: 'stranded', actions: { type: 'rememberLine', params: { up: false } } },
      },
    },
    stranded: {
      description: 'The line broke in the middle of a start: what it left is taken back first.',
      entry: 'detach',
      always: { guard: 'isLineUp', target: 'withdrawing' },
    },
    withdrawing: {
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
            guard: ({ event }) => !event.output.outcome.ok,
            target: '#session.undone',
            actions: {
              type: 'rememberFailure',
              params: ({ context, event }) => ({
                failure:
                  context.failure ?? (event.output.outcome.ok ? crashedCall : event.output.outcome.failure),
              }),
            },
          },
          { guard: 'hasFailed', target: '#session.undone' },
          { guard: { type: 'wants', params: { wanted: 'shown' } }, target: 'deciding' },
          { target: '#session.undone' },
        ],
        onError: '#session.undone',
      },
      on: {
        'line.lost': { target: 'stranded', actions: { type: 'rememberLine', params: { up: false } } },
      },
    },
    named: {
      description: 'The server gave it a name.',
      entry: [
        { type: 'sayNamed', params: ({ context }) => ({ record: context.record! }) },
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
        'attachment.ended': [
          {
            guard: 'isLineDown',
            target: 'stranded',
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
        'line.lost': { target: 'stranded', actions: { type: 'rememberLine', params: { up: false } } },
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
            target: '#session.terminating.asking',
            actions: {
              type: 'rememberFailure',
              params: ({ event }) => ({
                failure: event.output.outcome.ok ? crashedCall : event.output.outcome.failure,
              }),
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
        'attachment.ended': {
          actions: { type: 'drop', params: ({ event }) => ({ end: event.end, at: event.at }) },
        },
        'line.lost': { target: 'stranded', actions: { type: 'rememberLine', params: { up: false } } },
      },
    },
    elsewhere: {
      description: 'Somebody else starts it.',
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
