import { assign, sendParent, setup } from 'xstate';
import { defaultTiming } from './policy.js';
import type { Evidence } from './registry.js';
import type { Author, Fact, ProfileId, SessionDetails, SessionRecord, SessionTag } from './vocabulary.js';

export interface SessionInput {
  readonly profile: ProfileId;
  readonly record: SessionRecord;
  readonly by: Author;
  /** @default 10_000 ms */
  readonly orphanAfter?: number;
}
export interface SessionContext extends SessionInput {
  readonly state: SessionTag;
  /** The stretch of running that was seen last; another one means that the session was taken over. */
  readonly stint: string | undefined;
}
export type SessionEvent = Evidence;

type SessionFactType = Extract<Fact['type'], `session.${string}`>;

export const detailsOf = (record: SessionRecord): SessionDetails => {
  const { kind, command, display, server, client, createdAt, changedAt, ageSeconds } = record;
  return { kind, command, display, server, client, createdAt, changedAt, ageSeconds };
};

const listedAgain = 'Listed again: an earlier listing was cut short.';

/** What the server says of one session. Nothing here is ours to dispose of: others started it. */
export const sessionMachine = setup({
  types: {
    context: {} as SessionContext,
    input: {} as SessionInput,
    events: {} as SessionEvent,
    tags: {} as SessionTag,
  },
  delays: {
    orphanAfter: ({ context }) => context.orphanAfter ?? defaultTiming.orphanAfter,
  },
  guards: {
    isAnotherStint: ({ context }, p: { stint: string | undefined }) =>
      p.stint !== undefined && context.stint !== undefined && p.stint !== context.stint,
  },
  actions: {
    /** What was found at first is anybody's from then on. */
    enter: assign({
      state: (_, p: { state: SessionTag }) => p.state,
      by: ({ context }) => (context.by === 'found' ? 'other' : context.by),
    }),
    rememberStint: assign({
      stint: ({ context }, p: { stint: string | undefined }) => p.stint ?? context.stint,
    }),
    forgetStint: assign({ stint: undefined }),
    report: sendParent(
      (
        { context },
        p: { type: SessionFactType; state: SessionTag; from?: SessionTag; reason?: 'ended' | 'agentGone' },
      ) => ({
        type: 'fact.reported',
        fact: {
          ...p,
          profile: context.profile,
          session: context.record.session,
          from: p.from ?? context.state,
          by: context.by,
          ...(p.type === 'session.registered' ? detailsOf(context.record) : {}),
          ...(p.type === 'session.failed'
            ? {
                failure: {
                  code: 'session.orphaned',
                  message: `${context.record.session} is no longer listed but its agent lives on; end it on the server`,
                  retryable: false,
                },
              }
            : {}),
        } as unknown as Fact,
      }),
    ),
  },
}).createMachine({
  id: 'session',
  context: ({ input }) => ({ ...input, state: 'virgin', stint: undefined }),
  initial: 'virgin',
  on: {
    'server.gone': '.terminated',
    'server.unlisted': '.terminating',
  },
  states: {
    virgin: {
      description: 'Registered; the server has not been heard about it yet.',
      tags: 'virgin',
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
    starting: {
      description: 'Its agent waits for the picture to be fetched for the first time.',
      tags: 'starting',
      entry: { type: 'enter', params: { state: 'starting' } },
      on: {
        'server.running': {
          target: 'running',
          actions: [
            { type: 'rememberStint', params: ({ event }) => ({ stint: event.stint }) },
            { type: 'report', params: { type: 'session.started', state: 'running' } },
          ],
        },
        'server.suspending': {
          target: 'suspending',
          actions: { type: 'report', params: { type: 'session.started', state: 'suspending' } },
        },
        'server.suspended': {
          target: 'suspended',
          actions: [
            { type: 'report', params: { type: 'session.started', state: 'running' } },
            { type: 'report', params: { type: 'session.suspended', state: 'suspended', from: 'running' } },
          ],
        },
      },
    },
    running: {
      description: 'A client shows it, or is about to.',
      tags: 'running',
      entry: { type: 'enter', params: { state: 'running' } },
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
          { actions: { type: 'rememberStint', params: ({ event }) => ({ stint: event.stint }) } },
        ],
        'server.suspending': 'suspending',
        'server.suspended': {
          target: 'suspended',
          actions: { type: 'report', params: { type: 'session.suspended', state: 'suspended' } },
        },
      },
    },
    suspending: {
      description: 'Its agent lets go of the client. The server is asked again a second later.',
      tags: 'suspending',
      entry: { type: 'enter', params: { state: 'suspending' } },
      on: {
        'server.suspended': {
          target: 'suspended',
          actions: { type: 'report', params: { type: 'session.suspended', state: 'suspended' } },
        },
        'server.running': {
          target: 'running',
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
    suspended: {
      description: 'Nobody shows it; its applications go on on the server.',
      tags: 'suspended',
      entry: [{ type: 'enter', params: { state: 'suspended' } }, { type: 'forgetStint' }],
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
    terminating: {
      description: 'No longer listed; its agent has not ended yet.',
      tags: 'terminating',
      entry: { type: 'enter', params: { state: 'terminating' } },
      after: {
        orphanAfter: {
          target: 'faulty',
          actions: { type: 'report', params: { type: 'session.failed', state: 'faulty' } },
        },
      },
      on: {
        'server.unlisted': { description: 'Still so.' },
        'server.starting': { target: 'starting', description: listedAgain },
        'server.running': { target: 'running', description: listedAgain },
        'server.suspending': { target: 'suspending', description: listedAgain },
        'server.suspended': { target: 'suspended', description: listedAgain },
      },
    },
    faulty: {
      description: 'An orphan: its agent outlived its session. It wants somebody to look at it.',
      tags: 'faulty',
      entry: { type: 'enter', params: { state: 'faulty' } },
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
    terminated: {
      description: 'Gone from the server.',
      tags: 'terminated',
      type: 'final',
      entry: [
        {
          type: 'report',
          params: ({ event }) => ({
            type: 'session.terminated',
            state: 'terminated',
            reason: event.type === 'server.gone' ? event.reason : 'ended',
          }),
        },
        { type: 'enter', params: { state: 'terminated' } },
      ],
    },
  },
});
