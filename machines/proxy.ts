import { assign, sendParent, sendTo, setup } from 'xstate';
import { crashed } from './profileFacts.js';
import {
  type ProxyEnd,
  type ProxyFact,
  type ProxyInput,
  type ProxyRequest,
  sessionPlaceholders,
} from './sessionPorts.js';
import type { Fact } from './vocabulary.js';

export const proxyTags = ['launching', 'up', 'stalled', 'terminating', 'terminated'] as const;
export type ProxyTag = (typeof proxyTags)[number];

export interface ProxyTiming {
  /** From the warning to the replacement of a proxy that does not move. @default 20_000 ms */
  readonly replaceAfter: number;
  /** From SIGTERM to SIGKILL: nxproxy itself waits for a second. @default 2_000 ms */
  readonly grace: number;
  /** From SIGKILL to giving it up. @default 1_000 ms */
  readonly reap: number;
}
export const defaultProxyTiming: ProxyTiming = { replaceAfter: 20_000, grace: 2_000, reap: 1_000 };

export interface ProxyChartInput extends ProxyInput {
  readonly timing?: ProxyTiming;
}
export interface ProxyContext extends ProxyChartInput {
  readonly pid: number;
  readonly end: ProxyEnd;
  /** When it ended, on the guardian's clock; 0 while it lives. */
  readonly endedAt: number;
}
export type ProxyEvent =
  | ProxyFact
  | { readonly type: 'proxy.close' }
  /** The graphics tunnel finds that what it hands over is not read, or is read again. */
  | { readonly type: 'proxy.unread'; readonly forMs: number }
  | { readonly type: 'proxy.read' };
/** What a proxy tells whoever launched it. */
export type ProxyNews =
  | { readonly type: 'proxy.running'; readonly at: number }
  | { readonly type: 'proxy.shown'; readonly at: number };
export interface ProxyOutput {
  readonly end: ProxyEnd;
  /** On the guardian's clock. */
  readonly at: number;
}

const deaf: ProxyEnd = {
  how: 'failed',
  failure: {
    code: 'proxy.stalled',
    message: 'the viewer did not move for 30 s and was replaced',
    retryable: true,
  },
};
const unreaped: ProxyEnd = {
  how: 'failed',
  failure: { code: 'proxy.failed', message: 'the viewer did not end when it was killed', retryable: true },
};

/** The program that paints one session on the local screen. */
export const proxyMachine = setup({
  types: {
    context: {} as ProxyContext,
    input: {} as ProxyChartInput,
    events: {} as ProxyEvent,
    tags: {} as ProxyTag,
    output: {} as ProxyOutput,
  },
  actors: { proxy: sessionPlaceholders.proxy },
  delays: {
    replaceAfter: ({ context }) => (context.timing ?? defaultProxyTiming).replaceAfter,
    grace: ({ context }) => (context.timing ?? defaultProxyTiming).grace,
    reap: ({ context }) => (context.timing ?? defaultProxyTiming).reap,
  },
  actions: {
    rememberPid: assign({ pid: (_, p: { pid: number }) => p.pid }),
    rememberEnd: assign({
      end: (_, p: { end: ProxyEnd; at: number }) => p.end,
      endedAt: (_, p: { end: ProxyEnd; at: number }) => p.at,
    }),
    ask: sendTo('child', (_, p: { request: ProxyRequest }) => p.request),
    say: sendParent((_, p: { news: ProxyNews }) => p.news),
    tell: sendParent(({ context }, p: { type: Fact['type'] } & Record<string, unknown>) => ({
      type: 'fact.reported',
      fact: { ...p, profile: context.profile, session: context.session } as unknown as Fact,
    })),
  },
}).createMachine({
  id: 'proxy',
  context: ({ input }) => ({ ...input, pid: 0, end: { how: 'ended' }, endedAt: 0 }),
  initial: 'living',
  states: {
    living: {
      description: 'The child lives at most as long as this state.',
      invoke: {
        id: 'child',
        src: 'proxy',
        input: ({ context: { profile, session, display, port, presentation } }) => ({
          profile,
          session,
          display,
          port,
          presentation,
        }),
        onError: {
          target: 'terminated',
          actions: {
            type: 'rememberEnd',
            params: { end: { how: 'failed', failure: crashed('proxy') }, at: 0 },
          },
        },
      },
      initial: 'launching',
      on: {
        'proxy.close': '.terminating',
        'proxy.ended': {
          target: 'terminated',
          actions: {
            type: 'rememberEnd',
            params: ({ context, event }) => ({
              end: context.end.failure ? context.end : event.end,
              at: event.at,
            }),
          },
        },
      },
      states: {
        launching: {
          description: 'Started, on its way through the tunnel to the agent.',
          tags: 'launching',
          on: {
            'proxy.launched': {
              actions: [
                { type: 'rememberPid', params: ({ event }) => ({ pid: event.pid }) },
                { type: 'tell', params: ({ event }) => ({ type: 'proxy.started', pid: event.pid }) },
                { type: 'say', params: ({ event }) => ({ news: { type: 'proxy.running', at: event.at } }) },
              ],
            },
            'proxy.up': {
              target: 'up',
              actions: {
                type: 'say',
                params: ({ event }) => ({ news: { type: 'proxy.shown', at: event.at } }),
              },
            },
          },
        },
        up: {
          description: 'The picture is on the screen.',
          tags: 'up',
          on: { 'proxy.stalled': 'stopped', 'proxy.unread': 'unreading' },
        },
        stopped: {
          description: 'The process is stopped. Whoever stopped it may let it go on.',
          tags: 'stalled',
          entry: { type: 'tell', params: ({ event }) => stalled(event) },
          after: { replaceAfter: 'replacing' },
          on: { 'proxy.moving': 'up' },
        },
        unreading: {
          description: 'What the session paints has not been read for ten seconds.',
          tags: 'stalled',
          entry: { type: 'tell', params: ({ event }) => stalled(event) },
          after: { replaceAfter: 'replacing' },
          on: { 'proxy.read': 'up', 'proxy.stalled': 'stopped' },
        },
        replacing: {
          description: 'It has not moved for half a minute: it is killed; a resume brings another one.',
          tags: 'terminating',
          entry: [
            { type: 'rememberEnd', params: { end: deaf, at: 0 } },
            { type: 'ask', params: { request: { type: 'proxy.kill' } } },
          ],
          after: { reap: '#proxy.terminated' },
          on: { 'proxy.close': { description: 'Already on the way out.' } },
        },
        terminating: {
          description: 'Asked to end: its agent suspends itself within about a second.',
          tags: 'terminating',
          entry: { type: 'ask', params: { request: { type: 'proxy.end' } } },
          after: { grace: 'killing' },
          on: { 'proxy.close': { description: 'Already on the way out.' } },
        },
        killing: {
          description: 'It did not listen.',
          tags: 'terminating',
          entry: { type: 'ask', params: { request: { type: 'proxy.kill' } } },
          after: {
            reap: {
              target: '#proxy.terminated',
              actions: { type: 'rememberEnd', params: { end: unreaped, at: 0 } },
            },
          },
          on: { 'proxy.close': { description: 'Already on the way out.' } },
        },
      },
    },
    terminated: {
      description: 'Reaped; or killed, and not known to be gone.',
      tags: 'terminated',
      type: 'final',
      entry: { type: 'tell', params: ({ context }) => ({ type: 'proxy.exited', ...context.end }) },
    },
  },
  output: ({ context }): ProxyOutput => ({ end: context.end, at: context.endedAt }),
});

const stalled = (event: { readonly type: string; readonly forMs?: number }) => ({
  type: 'proxy.stalled' as const,
  forMs: event.forMs ?? 0,
});
