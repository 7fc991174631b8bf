/** A session on its way off the screen, or off the server. */

import { insistently } from './sessionInsisting.js';
import { notSuspended, takenOver } from './sessionRules.js';
import { sessionSetup } from './sessionSetup.js';
import { looking, suspendedByUs, suspendInput } from './sessionSuspension.js';

const terminateDeadline = 15_000;

export const suspending = sessionSetup.createStateConfig({
  description: 'Its agent lets go of the client. The server is asked again a second later.',
  tags: 'suspending',
  entry: { type: 'enter', params: { state: 'suspending' } },
  initial: 'elsewhere',
  always: {
    guard: 'isLetGo',
    description: 'Whoever leaves does not wait for it.',
    actions: [
      { type: 'disown', params: {} },
      { type: 'sayLeft', params: {} },
    ],
  },
  on: {
    'line.lost': {
      target: '.unknown',
      actions: { type: 'rememberLine', params: { up: false } },
    },
  },
  states: {
    detaching: {
      description: 'The viewer is asked to end: its agent suspends itself within about a second.',
      entry: 'detach',
      always: { guard: 'isDetached', target: 'confirming' },
      on: {
        'server.suspended': {
          target: '#session.suspended',
          actions: suspendedByUs,
        },
      },
    },
    confirming: {
      description: 'Does the server say so too?',
      entry: 'detach',
      initial: 'looking',
      states: { looking },
      after: { selfSuspension: 'asking' },
      always: { guard: 'canEnd', target: '#session.terminating.asking' },
      on: {
        'server.suspended': {
          target: '#session.suspended',
          actions: suspendedByUs,
        },
        'server.running': {
          guard: { type: 'isAnotherStint', params: ({ event }) => ({ stint: event.stint }) },
          target: '#session.running.elsewhere',
          description: 'It was suspended, and another client has it by now.',
          actions: [
            suspendedByUs,
            {
              type: 'report',
              params: { type: 'session.resumed', state: 'running', from: 'suspended', by: 'other' },
            },
            { type: 'settle', params: { wanted: 'suspended' } },
            { type: 'forget', params: { wanted: 'suspended' } },
            'yield',
            { type: 'rememberStint', params: ({ event }) => ({ stint: event.stint }) },
          ],
        },
      },
    },
    asking: {
      description: 'x2gosuspend-session.',
      entry: 'detach',
      invoke: {
        id: 'suspension',
        src: 'endAgent',
        input: suspendInput,
        onDone: 'insisting',
        onError: 'insisting',
      },
      always: { guard: 'canEnd', target: '#session.terminating.asking' },
      on: {
        'server.suspended': {
          target: '#session.suspended',
          actions: suspendedByUs,
        },
      },
    },
    insisting: {
      ...insistently,
      description: 'The command says nothing of use: the server is looked at until it shows.',
      after: {
        suspension: {
          target: '#session.running.elsewhere',
          actions: [
            { type: 'fail', params: { failure: notSuspended } },
            { type: 'want', params: { wanted: undefined } },
            { type: 'disown', params: { left: notSuspended } },
          ],
        },
      },
      always: { guard: 'canEnd', target: '#session.terminating.asking' },
      on: {
        'server.suspended': {
          target: '#session.suspended',
          actions: suspendedByUs,
        },
      },
    },
    givenUp: {
      description: 'It could not be brought back: it stays suspended, and whoever asked is told.',
      entry: ['detach', 'rememberUnstable', 'yield'],
      initial: 'looking',
      states: { looking },
      always: { guard: 'canEnd', target: '#session.terminating.asking' },
      after: { selfSuspension: 'asking' },
      on: {
        'server.suspended': {
          target: '#session.suspended',
          actions: suspendedByUs,
        },
      },
    },
    unknown: {
      description:
        'The line broke on the way: the server suspends it by itself. It says so when it is heard again.',
      entry: 'detach',
      always: { guard: 'isLineUp', target: 'confirming' },
    },
    elsewhere: {
      description: 'Somebody else suspends it.',
      always: [
        { guard: 'isLeaving', actions: { type: 'sayLeft', params: {} } },
        { guard: 'canEnd', target: '#session.terminating.asking' },
      ],
      on: {
        'line.lost': {
          description: 'It is theirs.',
          actions: { type: 'rememberLine', params: { up: false } },
        },
        'server.suspended': {
          target: '#session.suspended',
          actions: { type: 'report', params: { type: 'session.suspended', state: 'suspended' } },
        },
        'server.running': {
          target: '#session.running.elsewhere',
          description: 'Suspended and resumed between two looks.',
          actions: [
            { type: 'report', params: { type: 'session.suspended', state: 'suspended' } },
            { type: 'report', params: { type: 'session.resumed', state: 'running', from: 'suspended' } },
            { type: 'forgetStint' },
            { type: 'rememberStint', params: ({ event }) => ({ stint: event.stint }) },
          ],
        },
      },
    },
  },
});

const listedAgain = 'Listed again: an earlier listing was cut short.';

export const terminating = sessionSetup.createStateConfig({
  description: 'On its way off the server.',
  tags: 'terminating',
  entry: { type: 'enter', params: { state: 'terminating' } },
  initial: 'unlisted',
  states: {
    asking: {
      description: 'x2goterminate-session, and then an end to an agent that outlives it (PROTOCOL T27).',
      invoke: {
        id: 'termination',
        src: 'endAgent',
        input: ({ context }) => ({
          profile: context.profile,
          session: context.record?.session ?? '',
          how: 'terminate' as const,
          agentPid: context.record?.agentPid,
          deadlineMs: terminateDeadline,
        }),
        onDone: [
          {
            // Where no agent is known of, that none lives says nothing: it may be on its way.
            guard: ({ context, event }) =>
              event.output.outcome.ok &&
              !event.output.outcome.value.alive &&
              context.record?.agentPid !== undefined,
            target: 'clearing',
          },
          {
            guard: ({ event }) =>
              !event.output.outcome.ok && event.output.outcome.failure.code === 'session.takenOver',
            target: '#session.suspended',
            description: 'It was to be ended only while nobody uses it, and somebody does.',
            actions: [
              {
                type: 'fail',
                params: ({ event }) => ({
                  failure: event.output.outcome.ok ? takenOver : event.output.outcome.failure,
                }),
              },
              { type: 'want', params: { wanted: undefined } },
            ],
          },
          { target: 'confirming' },
        ],
        onError: 'confirming',
      },
      on: {
        'line.lost': { target: 'awaitingLine', actions: { type: 'rememberLine', params: { up: false } } },
        'server.unlisted': { description: 'As asked; its agent is being waited for.' },
      },
    },
    awaitingLine: {
      description: 'The line broke on the way: it is asked again.',
      entry: 'detach',
      always: { guard: 'isLineUp', target: 'asking' },
      on: { 'server.unlisted': 'asking' },
    },
    confirming: {
      description:
        'The command did not say that the agent has ended: the server is looked at until it shows.',
      initial: 'looking',
      states: { looking },
      after: { orphanAfter: { target: '#session.faulty', actions: 'reportOrphan' } },
      on: {
        'line.lost': { target: 'awaitingLine', actions: { type: 'rememberLine', params: { up: false } } },
        'server.unlisted': { description: 'Still so.' },
      },
    },
    clearing: {
      description: 'Gone from the server; what is ours here goes too.',
      entry: 'detach',
      always: { guard: 'isDetached', target: '#session.terminated' },
      on: {
        'server.gone': { description: 'Known.' },
        'server.unlisted': { description: 'Known.' },
      },
    },
    unlisted: {
      description: 'No longer listed; its agent has not ended yet, nor has its viewer.',
      after: { orphanAfter: { target: '#session.faulty', actions: 'reportOrphan' } },
      always: { guard: 'canEnd', target: 'asking' },
      on: {
        'server.unlisted': { description: 'Still so.' },
        'server.starting': { target: '#session.starting.elsewhere', description: listedAgain },
        'server.running': [
          { guard: 'isAttached', target: '#session.running.shown', description: listedAgain },
          {
            target: '#session.running.elsewhere',
            description: listedAgain,
            actions: { type: 'reportSeen', params: { state: 'running' } },
          },
        ],
        'server.suspending': { target: '#session.suspending.elsewhere', description: listedAgain },
        'server.suspended': {
          target: '#session.suspended',
          description: listedAgain,
          actions: { type: 'reportSeen', params: { state: 'suspended' } },
        },
      },
    },
  },
});
