/** Back on the screen after its line or its viewer broke. */
import { causeOf, newPorts, notWanted, resumeInput, shownAgain } from './sessionReturning.js';
import { crashedCall, takenOver } from './sessionRules.js';
import { sessionSetup } from './sessionSetup.js';

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
      always: notWanted.yet,
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
            actions: { type: 'rememberPorts', params: newPorts },
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
      always: notWanted.whileCalling,
    },
    showing: {
      description: 'Tunnels, then the viewer, then the picture, then the sound.',
      entry: 'attach',
      always: notWanted.whileShowing,
      on: {
        'attachment.shown': shownAgain,
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
      always: notWanted.yet,
    },
  },
});
