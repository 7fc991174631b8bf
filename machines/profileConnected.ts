/** A connected profile does four things side by side; none waits for another. */
import { raise } from 'xstate';
import * as facts from './profileFacts.js';
import { profileSetup } from './profileSetup.js';

export const connected = profileSetup.createStateConfig({
  description: 'Logged in; the guardian sees what runs there.',
  type: 'parallel',
  on: {
    'session.start': {
      actions: {
        type: 'startSession',
        params: ({ event: { operation, order, at } }) => ({ operation, order, at, up: true }),
      },
    },
    'session.request': {
      actions: [
        {
          type: 'request',
          params: ({ event: { operation, session, wanted, presentation } }) => ({
            asked: { operation, session, wanted, ...(presentation ? { presentation } : {}) },
          }),
        },
        raise({ type: 'refresh.wanted' }),
      ],
    },
    'profile.terminate': {
      guard: 'runsSessions',
      target: '.sessions.leaving',
      actions: {
        type: 'planEnd',
        params: ({ event }) => ({ ending: 'terminating' as const, at: event.at }),
      },
    },
    'profile.disconnect': {
      guard: 'runsSessions',
      target: '.sessions.leaving',
      actions: {
        type: 'planEnd',
        params: ({ event }) => ({ ending: 'disconnected' as const, at: event.at }),
      },
    },
  },
  states: {
    sessions: {
      description: 'What becomes of the sessions we run.',
      initial: 'staying',
      states: {
        staying: {
          description: 'Nothing is to become of them.',
          on: { 'clock.ticked': { actions: 'growFresh' } },
          always: { guard: 'isLeaving', target: 'leaving' },
        },
        leaving: {
          description:
            'Each is suspended, terminated or left, as the exit policy says; the line stays up for it.',
          entry: ['leaveSessions', 'wantTime'],
          always: [
            { guard: 'isEndingForGood', target: '#profile.terminating' },
            {
              guard: 'isEndingForNow',
              target: '#profile.disconnected.closing',
              actions: { type: 'tell', params: ({ context }) => facts.disconnected(context) },
            },
          ],
          after: {
            leaveDeadline: [
              { guard: 'isTerminating', target: '#profile.terminating' },
              {
                target: '#profile.disconnected.closing',
                actions: { type: 'tell', params: ({ context }) => facts.disconnected(context) },
              },
            ],
          },
          on: {
            'session.start': {
              description: 'Nothing new is begun any more.',
              actions: {
                type: 'refuse',
                params: ({ event }) => ({ operation: event.operation, failure: facts.ending }),
              },
            },
            'session.request': {
              guard: { type: 'wantsShown', params: ({ event }) => ({ wanted: event.wanted }) },
              description: 'Nor is anything shown any more.',
              actions: {
                type: 'refuse',
                params: ({ event }) => ({ operation: event.operation, failure: facts.ending }),
              },
            },
            'profile.terminate': {
              description: 'Already on the way out.',
              actions: [
                {
                  type: 'planEnd',
                  params: ({ context }) => ({ ending: 'terminating' as const, at: context.endingAt }),
                },
                'wantTime',
              ],
            },
            'profile.connect': {
              description: 'It is connected anew once it has disconnected.',
              actions: 'wantLine',
            },
            'profile.disconnect': { description: 'Already on the way out.', actions: 'forgetLine' },
          },
        },
      },
    },
    line: {
      description: 'Whether the server is heard.',
      initial: 'steady',
      states: {
        steady: {
          description: 'The server has been heard within five seconds.',
          tags: 'connected',
          entry: { type: 'enter', params: { state: 'connected' } },
          after: { stable: { actions: 'forgetAttempts' } },
          on: {
            'ssh.silent': {
              target: 'silent',
              actions: {
                type: 'tell',
                params: ({ context, event }) => facts.degraded(context, event.silentMs),
              },
            },
            'clock.woke': { actions: 'probe' },
          },
        },
        silent: {
          description: 'Not a byte for five seconds. The line may heal; nothing is given up yet.',
          tags: 'degraded',
          entry: { type: 'enter', params: { state: 'degraded' } },
          after: {
            silence: {
              target: '#profile.lost',
              actions: [
                { type: 'rememberFailure', params: { failure: facts.silence } },
                { type: 'planRetry', params: { chance: 0.5 } },
              ],
            },
          },
          on: {
            'ssh.heard': {
              target: 'steady',
              actions: { type: 'tell', params: ({ context }) => facts.recovered(context) },
            },
            'clock.woke': { actions: 'probe' },
          },
        },
      },
    },
    listing: {
      description: 'What exists there, by the tick or at once.',
      initial: 'idle',
      states: {
        idle: {
          description: 'Waits for the tick, for a change, or for somebody who wants to know now.',
          on: {
            'clock.ticked': [
              {
                guard: 'isAnsweredByWatch',
                actions: { type: 'answerFromWatch', params: ({ event }) => ({ at: event.at }) },
              },
              { guard: 'wantsListing', target: 'surveying', actions: 'wantShadows' },
            ],
            'refresh.wanted': { guard: 'wantsLook', target: 'surveying', actions: 'wantShadows' },
          },
          after: {
            settle: { guard: 'isUnsettled', target: 'surveying', actions: 'wantShadows' },
            reconcile: { guard: 'isWatched', target: 'surveying', actions: 'alternateShadows' },
          },
        },
        surveying: {
          description: 'One listing is on its way; there is never a second one.',
          tags: 'refreshing',
          entry: 'forgetRefresh',
          invoke: {
            id: 'survey',
            src: 'survey',
            input: ({ context }) => facts.surveyInput(context, false),
            onDone: [
              {
                guard: 'wantsAnother',
                target: 'surveying',
                reenter: true,
                actions: [
                  { type: 'cacheListing', params: ({ event }) => ({ answer: event.output }) },
                  { type: 'reconcileRegistry', params: ({ event }) => ({ answer: event.output }) },
                ],
              },
              {
                target: 'idle',
                actions: [
                  { type: 'cacheListing', params: ({ event }) => ({ answer: event.output }) },
                  { type: 'reconcileRegistry', params: ({ event }) => ({ answer: event.output }) },
                ],
              },
            ],
            onError: {
              target: 'idle',
              actions: [
                { type: 'cacheListing', params: { answer: facts.crashedSurvey } },
                { type: 'refuseAsked', params: { failure: facts.crashed('survey') } },
              ],
            },
          },
          on: { 'refresh.wanted': { actions: 'rememberRefresh' } },
        },
      },
    },
    stateWatch: {
      description: 'What the agents do, as it happens.',
      initial: 'deciding',
      states: {
        deciding: {
          description: 'Whether a state watch is wanted.',
          always: [{ guard: 'wantsWatch', target: 'watching' }, { target: 'off' }],
        },
        off: {
          description: 'Turned off: every tick lists.',
          always: { guard: 'wantsWatch', target: 'watching' },
        },
        watching: {
          description: 'A small loop on the server tells within a second what the agents do.',
          tags: 'watching',
          exit: 'watchClosed',
          invoke: {
            id: 'watch',
            src: 'watch',
            input: ({ context }) => ({
              profile: context.profile.id,
              idlePaceMs: context.timing.watchPace,
              busyPaceMs: context.timing.watchBusyPace,
            }),
            onError: 'resting',
          },
          on: {
            'watch.opened': { actions: 'watchOpened' },
            'watch.changed': {
              actions: [
                { type: 'hear', params: ({ event }) => ({ at: event.at }) },
                { type: 'observe', params: ({ event }) => ({ states: event.states }) },
                raise({ type: 'refresh.wanted' }),
              ],
            },
            'watch.failed': 'resting',
          },
        },
        resting: {
          description: 'The watch broke while the line did not. Every tick lists until it is back.',
          after: { watchRest: 'watching' },
        },
      },
    },
    desktops: {
      description: 'What could be shared.',
      initial: 'deciding',
      states: {
        deciding: {
          description: 'Whether desktops are wanted.',
          always: [{ guard: 'wantsDesktops', target: 'listing' }, { target: 'off' }],
        },
        off: { description: 'Nobody wants desktops.' },
        listing: {
          description: 'Slow on the server, so on a channel of its own that nothing waits for.',
          invoke: {
            id: 'desktops',
            src: 'desktops',
            input: ({ context }) => ({
              profile: context.profile.id,
              deadlineMs: context.timing.desktopsDeadline,
            }),
            onDone: {
              target: 'resting',
              actions: { type: 'cacheDesktops', params: ({ event }) => ({ answer: event.output }) },
            },
            onError: 'resting',
          },
        },
        resting: {
          description: 'At a pace of their own.',
          after: { desktopsRest: 'listing' },
        },
      },
    },
  },
});
