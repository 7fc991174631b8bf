/** A session that runs, here or elsewhere. */
import { lineLost, takenOver, viewerLost } from './sessionRules.js';
import { sessionSetup } from './sessionSetup.js';

export const running = sessionSetup.createStateConfig({
  description: 'A client shows it, or is about to.',
  tags: 'running',
  entry: { type: 'enter', params: { state: 'running' } },
  initial: 'elsewhere',
  states: {
    shown: {
      description: 'It is on the screen here.',
      entry: ['own', 'forgetFailure', 'forgetLooks', 'forgetStart'],
      after: { firstLook: { actions: ['saySettled', 'askAround'] } },
      always: [
        {
          guard: { type: 'wants', params: { wanted: 'shown' } },
          actions: [
            { type: 'settle', params: { wanted: 'shown' } },
            { type: 'forget', params: { wanted: 'shown' } },
          ],
        },
        { guard: 'canSuspend', target: '#session.suspending.detaching' },
        { guard: 'canEnd', target: '#session.terminating.asking' },
        { guard: 'isLetGo', target: 'lettingGo' },
        { guard: 'isDetached', target: 'uncertain' },
      ],
      on: {
        'server.running': {
          actions: { type: 'rememberStint', params: ({ event }) => ({ stint: event.stint }) },
        },
        'server.suspending': { description: 'Somebody suspends it: its viewer will leave by itself.' },
        'server.suspended': {
          target: 'uncertain',
          description: 'Against what the viewer shows: the server is asked once more.',
        },
        'attachment.ended': {
          target: 'uncertain',
          actions: { type: 'drop', params: ({ event }) => ({ end: event.end, at: event.at }) },
        },
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
            target: 'elsewhere',
            description: 'Nobody wants it brought back.',
            actions: [{ type: 'rememberLine', params: { up: false } }, 'detach', 'yield'],
          },
        ],
      },
    },
    uncertain: {
      description:
        'Its viewer has ended, or the server says otherwise than we: it is asked what became of it.',
      entry: ['countLook', 'askAround'],
      after: { lookAgain: { target: 'uncertain', reenter: true } },
      always: [
        { guard: 'canSuspend', target: '#session.suspending.confirming' },
        { guard: 'canEnd', target: '#session.terminating.asking' },
        { guard: 'isLetGo', target: 'lettingGo' },
      ],
      on: {
        'server.running': [
          {
            guard: 'isAttached',
            target: 'shown',
            actions: { type: 'rememberStint', params: ({ event }) => ({ stint: event.stint }) },
          },
          {
            guard: 'wasLookedAt',
            target: 'elsewhere',
            description: 'It runs without us: another client took it over. It is not fought for.',
            actions: [
              { type: 'report', params: { type: 'session.suspended', state: 'suspended', by: 'other' } },
              {
                type: 'report',
                params: { type: 'session.resumed', state: 'running', from: 'suspended', by: 'other' },
              },
              { type: 'fail', params: { failure: takenOver, wanted: 'shown' } },
              'yield',
              { type: 'rememberStint', params: ({ event }) => ({ stint: event.stint }) },
            ],
          },
        ],
        'server.suspending': { description: 'On its way.' },
        'server.suspended': [
          {
            guard: 'isAttached',
            description: 'Suspended by somebody: what is left of the viewer goes.',
            actions: 'detach',
          },
          {
            guard: 'mayRestart',
            target: '#session.recovering.calling',
            description: 'Its viewer broke: a resume brings another one.',
            actions: [
              {
                type: 'report',
                params: ({ context }) => ({
                  type: 'session.recovering',
                  state: 'recovering',
                  by: 'other',
                  failure: context.end?.failure ?? viewerLost,
                }),
              },
              'rememberRestart',
            ],
          },
          {
            guard: 'isThrashing',
            target: '#session.suspended',
            actions: [
              'rememberUnstable',
              { type: 'report', params: { type: 'session.suspended', state: 'suspended', by: 'me' } },
              'yield',
            ],
          },
          {
            target: '#session.suspended',
            actions: [
              { type: 'report', params: { type: 'session.suspended', state: 'suspended', by: 'other' } },
              { type: 'fail', params: { failure: takenOver, wanted: 'shown' } },
              'yield',
            ],
          },
        ],
        'line.lost': [
          {
            guard: 'recoversViewer',
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
            target: 'elsewhere',
            actions: [{ type: 'rememberLine', params: { up: false } }, 'detach', 'yield'],
          },
        ],
      },
    },
    lettingGo: {
      description: 'Told to leave it as it is: only what is ours here is closed.',
      entry: 'detach',
      always: {
        guard: 'isDetached',
        target: 'elsewhere',
        actions: ['yield', { type: 'sayLeft', params: {} }],
      },
    },
    elsewhere: {
      description: 'Another client shows it.',
      entry: { type: 'disown', params: {} },
      always: [
        { guard: 'isLeaving', actions: { type: 'sayLeft', params: {} } },
        { guard: 'canResume', target: '#session.resuming.takingOver' },
        { guard: 'canSuspend', target: '#session.suspending.asking' },
        { guard: 'canEnd', target: '#session.terminating.asking' },
      ],
      on: {
        'server.running': [
          {
            guard: { type: 'isAnotherStint', params: ({ event }) => ({ stint: event.stint }) },
            description: 'Taken over by another client.',
            actions: [
              { type: 'report', params: { type: 'session.suspended', state: 'suspended' } },
              { type: 'report', params: { type: 'session.resumed', state: 'running', from: 'suspended' } },
              { type: 'rememberStint', params: ({ event }) => ({ stint: event.stint }) },
            ],
          },
          {
            actions: [
              { type: 'reportSeen', params: { state: 'running' } },
              { type: 'rememberStint', params: ({ event }) => ({ stint: event.stint }) },
            ],
          },
        ],
        'server.suspending': '#session.suspending.elsewhere',
        'server.suspended': {
          target: '#session.suspended',
          actions: { type: 'report', params: { type: 'session.suspended', state: 'suspended' } },
        },
      },
    },
  },
});
