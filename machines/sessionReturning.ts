/** Back on the screen: because somebody wants it (resuming), or because its line or its viewer broke (recovering). */
import { insistently } from './sessionInsisting.js';
import type { SessionContext } from './sessionModel.js';
import type { Answer } from './sessionPorts.js';
import { crashedCall, heldBack, lineLost, pictureless, takenOver } from './sessionRules.js';
import { sessionSetup } from './sessionSetup.js';
import type { Failure } from './vocabulary.js';

/** x2goresume-session takes 3 s, and 14 s where it has to suspend first (PROTOCOL 1.6). */
const resumeDeadline = 60_000;
const suspendDeadline = 15_000;

const causeOf = ({ outcome }: Answer<unknown>): Failure => (outcome.ok ? crashedCall : outcome.failure);

const resumeInput = ({ context }: { context: SessionContext }) => ({
  profile: context.profile,
  session: context.record?.session ?? '',
  kind: context.record?.kind ?? 'application',
  agentPid: context.record?.agentPid ?? 0,
  presentation: context.presentation,
  deadlineMs: resumeDeadline,
});

export const resuming = sessionSetup.createStateConfig({
  description: 'On its way back to the screen.',
  tags: 'resuming',
  entry: ['own', 'forgetFailure', { type: 'enter', params: { state: 'resuming' } }],
  initial: 'calling',
  always: { guard: 'isLetGo', target: '#session.running.lettingGo' },
  on: {
    'line.lost': [
      {
        guard: 'recovers',
        target: '#session.recovering',
        actions: [
          { type: 'rememberLine', params: { up: false } },
          {
            type: 'report',
            params: { type: 'session.recovering', state: 'recovering', by: 'other', failure: lineLost },
          },
        ],
      },
      {
        target: '#session.suspending.unknown',
        actions: [
          { type: 'rememberLine', params: { up: false } },
          { type: 'rememberFailure', params: { failure: lineLost } },
          'yield',
        ],
      },
    ],
  },
  states: {
    takingOver: {
      description: 'Another client shows it: that one is told to let go.',
      invoke: {
        id: 'suspension',
        src: 'endAgent',
        input: ({ context }) => ({
          profile: context.profile,
          session: context.record?.session ?? '',
          how: 'suspend' as const,
          agentPid: context.record?.agentPid,
          deadlineMs: suspendDeadline,
        }),
        onDone: 'awaitingRelease',
        onError: 'awaitingRelease',
      },
      on: {
        'server.suspended': {
          target: 'calling',
          actions: { type: 'report', params: { type: 'session.suspended', state: 'suspended', by: 'me' } },
        },
      },
    },
    awaitingRelease: {
      ...insistently,
      description:
        'Until the server says that nobody shows it: for as long as that takes, not for a fixed time.',
      always: [
        { guard: 'canSuspend', target: '#session.suspending.confirming' },
        { guard: 'canEnd', target: '#session.terminating.asking' },
      ],
      after: {
        suspension: {
          target: '#session.running.elsewhere',
          actions: [{ type: 'fail', params: { failure: heldBack, wanted: 'shown' } }, 'yield'],
        },
      },
      on: {
        'server.suspended': {
          target: 'calling',
          actions: { type: 'report', params: { type: 'session.suspended', state: 'suspended', by: 'me' } },
        },
      },
    },
    calling: {
      description: 'x2goresume-session: the agent listens again, perhaps on other ports.',
      invoke: {
        id: 'resume',
        src: 'resumeAgent',
        input: resumeInput,
        onDone: [
          {
            guard: ({ event }) => event.output.outcome.ok,
            target: 'showing',
            actions: {
              type: 'rememberPorts',
              params: ({ context, event }) => ({
                ports: event.output.outcome.ok ? event.output.outcome.value : context.record?.ports,
                at: event.output.at,
              }),
            },
          },
          {
            guard: ({ event }) => causeOf(event.output).code === 'session.locked',
            target: '#session.suspended',
            description:
              'Another guardian here resumes it: nothing was done to it, and it is left to that one.',
            actions: [
              {
                type: 'fail',
                params: ({ event }) => ({ failure: causeOf(event.output), wanted: 'shown' as const }),
              },
              'yield',
            ],
          },
          {
            target: '#session.suspending.confirming',
            actions: [
              {
                type: 'fail',
                params: ({ event }) => ({
                  failure: event.output.outcome.ok ? crashedCall : event.output.outcome.failure,
                  wanted: 'shown' as const,
                }),
              },
              { type: 'want', params: { wanted: 'suspended' } },
            ],
          },
        ],
        onError: {
          target: '#session.suspending.confirming',
          actions: [
            { type: 'fail', params: { failure: crashedCall, wanted: 'shown' } },
            { type: 'want', params: { wanted: 'suspended' } },
          ],
        },
      },
      always: [
        { guard: 'canSuspend', target: '#session.suspending.asking' },
        { guard: 'canEnd', target: '#session.terminating.asking' },
      ],
    },
    showing: {
      description: 'Tunnels, then the viewer, then the picture.',
      entry: 'attach',
      always: [
        { guard: 'canSuspend', target: '#session.suspending.detaching' },
        { guard: 'canEnd', target: '#session.terminating.asking' },
      ],
      on: {
        'attachment.shown': {
          target: '#session.running.shown',
          actions: [
            { type: 'report', params: { type: 'session.resumed', state: 'running', by: 'me' } },
            'forgetStint',
          ],
        },
        'attachment.ended': {
          target: '#session.suspending.confirming',
          actions: [
            { type: 'drop', params: ({ event }) => ({ end: event.end, at: event.at }) },
            {
              type: 'fail',
              params: ({ event }) => ({ failure: pictureless(event.end.failure), wanted: 'shown' as const }),
            },
            { type: 'want', params: { wanted: 'suspended' } },
          ],
        },
      },
    },
  },
});

export const recovering = sessionSetup.createStateConfig({
  description: 'Its line or its viewer broke. The session runs on there and is brought back.',
  tags: 'recovering',
  entry: { type: 'enter', params: { state: 'recovering' } },
  initial: 'awaitingLine',
  always: { guard: 'isLetGo', target: '#session.running.lettingGo' },
  on: {
    'line.lost': {
      target: '.awaitingLine',
      actions: { type: 'rememberLine', params: { up: false } },
    },
  },
  states: {
    awaitingLine: {
      description: 'Nothing can be done without a line.',
      entry: 'detach',
      always: { guard: 'isLineUp', target: 'verifying' },
    },
    verifying: {
      description: 'What does the server say of it now? Somebody else may have it.',
      entry: 'askAround',
      after: { lookAgain: { target: 'verifying', reenter: true } },
      always: [
        { guard: 'canSuspend', target: '#session.suspending.confirming' },
        { guard: 'canEnd', target: '#session.terminating.asking' },
      ],
      on: {
        'server.running': [
          {
            guard: { type: 'isAnotherStint', params: ({ event }) => ({ stint: event.stint }) },
            target: '#session.running.elsewhere',
            description: 'Taken over by another client meanwhile. It is not fought for.',
            actions: [
              {
                type: 'report',
                params: { type: 'session.suspended', state: 'suspended', from: 'recovering', by: 'other' },
              },
              {
                type: 'report',
                params: { type: 'session.resumed', state: 'running', from: 'suspended', by: 'other' },
              },
              { type: 'fail', params: { failure: takenOver, wanted: 'shown' } },
              'yield',
              { type: 'rememberStint', params: ({ event }) => ({ stint: event.stint }) },
            ],
          },
          {
            guard: { type: 'isOurStint', params: ({ event }) => ({ stint: event.stint }) },
            target: 'calling',
            description: 'The server has not noticed yet that our line broke.',
          },
        ],
        'server.suspended': { guard: 'isDetached', target: 'calling' },
        'server.starting': {
          target: '#session.terminating.asking',
          description: 'It never met its viewer: a resume would never return (PROTOCOL T3).',
        },
      },
    },
    calling: {
      description: 'x2goresume-session, as after any suspension.',
      invoke: {
        id: 'resume',
        src: 'resumeAgent',
        input: resumeInput,
        onDone: [
          {
            guard: ({ event }) => event.output.outcome.ok,
            target: 'showing',
            actions: {
              type: 'rememberPorts',
              params: ({ context, event }) => ({
                ports: event.output.outcome.ok ? event.output.outcome.value : context.record?.ports,
                at: event.output.at,
              }),
            },
          },
          {
            guard: { type: 'mayTryAgain', params: ({ event }) => ({ failure: causeOf(event.output) }) },
            target: 'resting',
            actions: [
              { type: 'rememberCut', params: ({ event }) => ({ failure: causeOf(event.output) }) },
              'rememberRestart',
            ],
          },
          {
            target: '#session.suspending.givenUp',
            actions: { type: 'rememberCut', params: ({ event }) => ({ failure: causeOf(event.output) }) },
          },
        ],
        onError: {
          target: '#session.suspending.givenUp',
          actions: { type: 'rememberCut', params: { failure: crashedCall } },
        },
      },
      always: [
        { guard: 'canSuspend', target: '#session.suspending.asking' },
        { guard: 'canEnd', target: '#session.terminating.asking' },
      ],
    },
    showing: {
      description: 'Tunnels, then the viewer, then the picture, then the sound.',
      entry: 'attach',
      always: [
        { guard: 'canSuspend', target: '#session.suspending.detaching' },
        { guard: 'canEnd', target: '#session.terminating.asking' },
      ],
      on: {
        'attachment.shown': {
          target: '#session.running.shown',
          actions: [
            { type: 'report', params: { type: 'session.resumed', state: 'running', by: 'me' } },
            'forgetStint',
          ],
        },
        'attachment.ended': [
          {
            guard: { type: 'mayTryAgain', params: ({ event }) => ({ failure: event.end.failure }) },
            target: 'resting',
            actions: [
              { type: 'drop', params: ({ event }) => ({ end: event.end, at: event.at }) },
              'rememberRestart',
            ],
          },
          {
            target: '#session.suspending.givenUp',
            actions: { type: 'drop', params: ({ event }) => ({ end: event.end, at: event.at }) },
          },
        ],
      },
    },
    resting: {
      description: 'A moment, before it is tried again.',
      after: { rest: 'verifying' },
      always: [
        { guard: 'canSuspend', target: '#session.suspending.confirming' },
        { guard: 'canEnd', target: '#session.terminating.asking' },
      ],
    },
  },
});
