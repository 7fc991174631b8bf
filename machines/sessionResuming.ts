/** Back on the screen because somebody wants it there. */
import { insistently } from './sessionInsisting.js';
import { causeOf, newPorts, notWanted, resumeInput, shownAgain } from './sessionReturning.js';
import { crashedCall, heldBack, lineLost, pictureless } from './sessionRules.js';
import { sessionSetup } from './sessionSetup.js';
import { suspendedByUs, suspendInput } from './sessionSuspension.js';

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
        input: suspendInput,
        onDone: 'awaitingRelease',
        onError: 'awaitingRelease',
      },
      on: {
        'server.suspended': {
          target: 'calling',
          actions: suspendedByUs,
        },
      },
    },
    awaitingRelease: {
      ...insistently,
      description:
        'Until the server says that nobody shows it: for as long as that takes, not for a fixed time.',
      always: notWanted.yet,
      after: {
        suspension: {
          target: '#session.running.elsewhere',
          actions: [{ type: 'fail', params: { failure: heldBack, wanted: 'shown' } }, 'yield'],
        },
      },
      on: {
        'server.suspended': {
          target: 'calling',
          actions: suspendedByUs,
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
            actions: { type: 'rememberPorts', params: newPorts },
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
                  failure: causeOf(event.output),
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
      always: notWanted.whileCalling,
    },
    showing: {
      description: 'Tunnels, then the viewer, then the picture.',
      entry: 'attach',
      always: notWanted.whileShowing,
      on: {
        'attachment.shown': shownAgain,
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
