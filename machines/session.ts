import { raise } from 'xstate';
import { crashed } from './profileFacts.js';
import { suspending, terminating } from './sessionEnding.js';
import { initialContext, type SessionContext } from './sessionModel.js';
import { recovering } from './sessionRecovering.js';
import { resuming } from './sessionResuming.js';
import { calledOff } from './sessionRules.js';
import { running } from './sessionRunning.js';
import { sessionSetup } from './sessionSetup.js';
import { starting } from './sessionStarting.js';
import type { Failure } from './vocabulary.js';

export type { SessionContext, SessionEvent, SessionInput } from './sessionModel.js';

const listedAgain = 'Listed again: an earlier listing was cut short.';
const cameToNothing = {
  type: 'report',
  params: ({ context }: { readonly context: SessionContext }) => ({
    type: 'session.failed' as const,
    state: 'terminated' as const,
    by: 'me' as const,
    failure: context.failure ?? calledOff,
  }),
} as const;

/** One session: what the server says of it, whether it is shown here, and what is wanted of it. */
export const sessionMachine = sessionSetup.createMachine({
  id: 'session',
  context: ({ input }) => initialContext(input),
  initial: 'virgin',
  on: {
    'fact.reported': { actions: { type: 'passOn', params: ({ event }) => ({ fact: event.fact }) } },
    'session.listed': {
      actions: { type: 'rememberRecord', params: ({ event }) => ({ record: event.record }) },
    },
    'session.ask': [
      {
        guard: { type: 'isAllowed', params: ({ event }) => ({ wanted: event.wanted }) },
        actions: {
          type: 'join',
          params: ({ event: { operation, wanted, presentation } }) => ({ operation, wanted, presentation }),
        },
      },
      {
        actions: {
          type: 'refuse',
          params: ({ event }) => ({ operation: event.operation, wanted: event.wanted }),
        },
      },
    ],
    'operation.abandon': {
      actions: { type: 'abandon', params: ({ event }) => ({ operation: event.operation }) },
    },
    'session.leave': { actions: { type: 'plan', params: ({ event }) => ({ policy: event.policy }) } },
    'line.up': { actions: { type: 'rememberLine', params: { up: true } } },
    'line.lost': { actions: { type: 'rememberLine', params: { up: false } } },
    'line.denied': {
      actions: [
        { type: 'fail', params: ({ event }) => ({ failure: event.failure }) },
        { type: 'want', params: { wanted: undefined } },
      ],
    },
    'xstate.done.actor.attachment': {
      actions: raise(({ event }) => ({ type: 'attachment.ended', ...event.output })),
    },
    'xstate.error.actor.attachment': {
      actions: raise(({ context }) => ({
        type: 'attachment.ended',
        end: { how: 'failed', failure: crashed('attachment') },
        at: context.at,
      })),
    },
    'attachment.ended': {
      actions: { type: 'drop', params: ({ event }) => ({ end: event.end, at: event.at }) },
    },
    'server.gone': [
      {
        guard: 'isAttached',
        target: '.terminating.clearing',
        actions: [
          {
            type: 'rememberReason',
            params: ({ event }) => ({ reason: event.reason }),
          },
        ],
      },
      {
        target: '.terminated',
        actions: { type: 'rememberReason', params: ({ event }) => ({ reason: event.reason }) },
      },
    ],
    'server.unlisted': '.terminating',
  },
  states: {
    virgin: {
      description: 'Registered; the server has not been heard about it yet.',
      tags: 'virgin',
      always: { guard: 'isStart', target: '#session.starting.deciding' },
      on: {
        'server.starting': {
          target: 'starting',
          actions: { type: 'report', params: { type: 'session.registered', state: 'starting' } },
        },
        'server.running': {
          target: 'running',
          actions: [
            { type: 'rememberStint', params: ({ event }) => ({ stint: event.stint }) },
            { type: 'report', params: { type: 'session.registered', state: 'running' } },
          ],
        },
        'server.suspending': {
          target: 'suspending',
          actions: { type: 'report', params: { type: 'session.registered', state: 'suspending' } },
        },
        'server.suspended': {
          target: 'suspended',
          actions: { type: 'report', params: { type: 'session.registered', state: 'suspended' } },
        },
        'server.unlisted': {
          target: 'terminating',
          actions: { type: 'report', params: { type: 'session.registered', state: 'terminating' } },
        },
      },
    },
    starting,
    running,
    recovering,
    suspending,
    suspended: {
      description: 'Nobody shows it; its applications go on on the server.',
      tags: 'suspended',
      entry: [
        { type: 'enter', params: { state: 'suspended' } },
        'forgetStint',
        'forgetFailure',
        'detach',
        { type: 'settle', params: { wanted: 'suspended' } },
        { type: 'forget', params: { wanted: 'suspended' } },
        { type: 'disown', params: {} },
      ],
      always: [
        { guard: 'isLeaving', actions: { type: 'sayLeft', params: {} } },
        {
          guard: { type: 'wants', params: { wanted: 'suspended' } },
          actions: [
            { type: 'settle', params: { wanted: 'suspended' } },
            { type: 'forget', params: { wanted: 'suspended' } },
          ],
        },
        { guard: 'canResume', target: '#session.resuming.calling' },
        { guard: 'canEnd', target: '#session.terminating.asking' },
      ],
      on: {
        'server.running': {
          target: 'running',
          actions: [
            { type: 'report', params: { type: 'session.resumed', state: 'running' } },
            { type: 'rememberStint', params: ({ event }) => ({ stint: event.stint }) },
          ],
        },
      },
    },
    resuming,
    terminating,
    faulty: {
      description: 'An orphan: its agent outlived its session. It wants somebody to look at it.',
      tags: 'faulty',
      entry: [
        { type: 'enter', params: { state: 'faulty' } },
        'detach',
        { type: 'fail', params: ({ context }) => ({ failure: orphaned(context) }) },
        { type: 'want', params: { wanted: undefined } },
      ],
      always: [
        {
          guard: 'isLeaving',
          actions: { type: 'sayLeft', params: ({ context }) => ({ left: orphaned(context) }) },
        },
        { guard: 'canEnd', target: '#session.terminating.asking' },
      ],
      on: {
        'server.unlisted': { description: 'Still so.' },
        'server.starting': { target: 'starting', description: listedAgain },
        'server.running': {
          target: 'running',
          description: listedAgain,
          actions: { type: 'report', params: { type: 'session.resumed', state: 'running' } },
        },
        'server.suspending': { target: 'suspending', description: listedAgain },
        'server.suspended': {
          target: 'suspended',
          description: listedAgain,
          actions: { type: 'report', params: { type: 'session.suspended', state: 'suspended' } },
        },
      },
    },
    undone: {
      description: 'A start that came to nothing: it failed, or it was called off.',
      tags: 'terminated',
      type: 'final',
      entry: [
        cameToNothing,
        'reportWithdrawn',
        { type: 'enter', params: { state: 'terminated' } },
        { type: 'settleAll', params: { failure: calledOff } },
        { type: 'disown', params: {} },
      ],
    },
    abandoned: {
      description: 'A start that could not be taken back: something of it may live on there.',
      tags: 'terminated',
      type: 'final',
      entry: [
        cameToNothing,
        { type: 'enter', params: { state: 'terminated' } },
        { type: 'settleAll', params: { failure: calledOff } },
      ],
    },
    terminated: {
      description: 'Gone from the server.',
      tags: 'terminated',
      type: 'final',
      entry: [
        'reportFailure',
        'reportEnd',
        { type: 'enter', params: { state: 'terminated' } },
        { type: 'settleAll', params: {} },
        { type: 'disown', params: {} },
      ],
    },
  },
});

const orphaned = ({ record }: SessionContext): Failure => ({
  code: 'session.orphaned',
  message: `the agent of ${record?.session} could not be ended; end it on the server`,
  retryable: false,
});
