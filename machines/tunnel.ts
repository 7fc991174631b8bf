import { assign, sendParent, sendTo, setup } from 'xstate';
import { crashed } from './profileFacts.js';
import {
  sessionPlaceholders,
  type Traffic,
  type TunnelFact,
  type TunnelInput,
  type TunnelName,
  type TunnelRequest,
} from './sessionPorts.js';
import type { Fact, Failure } from './vocabulary.js';

export const tunnelTags = ['opening', 'open', 'stalled', 'paused', 'closing', 'denied', 'closed'] as const;
export type TunnelTag = (typeof tunnelTags)[number];

export interface TunnelContext extends TunnelInput, Traffic {
  readonly port: number;
  readonly failure: Failure | undefined;
}
export type TunnelEvent = TunnelFact | TunnelRequest;
/** What a tunnel tells whoever asked for it. */
export type TunnelNews =
  | { readonly type: 'tunnel.ready'; readonly tunnel: TunnelName; readonly port: number; readonly at: number }
  | { readonly type: 'tunnel.unread'; readonly tunnel: TunnelName; readonly forMs: number }
  | { readonly type: 'tunnel.read'; readonly tunnel: TunnelName };
/** With a failure: it was refused, or it broke. */
export interface TunnelOutput {
  readonly failure?: Failure;
}

/** One tunnel over a profile's line: graphics from here to the agent, a feature's from the server to here. */
export const tunnelMachine = setup({
  types: {
    context: {} as TunnelContext,
    input: {} as TunnelInput,
    events: {} as TunnelEvent,
    tags: {} as TunnelTag,
    output: {} as TunnelOutput,
  },
  actors: { tunnel: sessionPlaceholders.tunnel },
  delays: { lastWords: 500 },
  actions: {
    rememberPort: assign({ port: (_, p: { port: number }) => p.port }),
    rememberTraffic: assign((_, p: { traffic: Traffic }) => p.traffic),
    rememberFailure: assign({ failure: (_, p: { failure: Failure }) => p.failure }),
    /** On to the actor that does it. */
    ask: sendTo('forward', (_, p: { request: TunnelRequest }) => p.request),
    say: sendParent((_, p: { news: TunnelNews }) => p.news),
    tell: sendParent(({ context }, p: { type: Fact['type'] } & Record<string, unknown>) => ({
      type: 'fact.reported',
      fact: {
        ...p,
        profile: context.profile,
        session: context.session,
        tunnel: context.tunnel,
      } as unknown as Fact,
    })),
  },
}).createMachine({
  id: 'tunnel',
  context: ({ input }) => ({
    ...input,
    port: 0,
    sent: 0,
    received: 0,
    channels: 0,
    refused: 0,
    failure: undefined,
  }),
  initial: 'standing',
  states: {
    standing: {
      description: 'The forward lives exactly as long as this state.',
      invoke: {
        id: 'forward',
        src: 'tunnel',
        input: ({ context: { profile, session, tunnel, serverPort } }) => ({
          profile,
          session,
          tunnel,
          serverPort,
        }),
        onError: {
          target: 'denied',
          actions: { type: 'rememberFailure', params: { failure: crashed('tunnel') } },
        },
      },
      initial: 'opening',
      on: {
        'tunnel.close': '.closing',
        'tunnel.traffic': {
          actions: {
            type: 'rememberTraffic',
            params: ({ event: { sent, received, channels, refused } }) => ({
              traffic: { sent, received, channels, refused },
            }),
          },
        },
        'tunnel.ended': { target: 'closed', description: 'The one connection it was for has ended.' },
        'tunnel.failed': {
          target: 'denied',
          actions: { type: 'rememberFailure', params: ({ event }) => ({ failure: event.failure }) },
        },
      },
      states: {
        opening: {
          description: 'The listener here, or the request to listen there.',
          tags: 'opening',
          on: {
            'tunnel.opened': {
              target: 'open',
              actions: [
                { type: 'rememberPort', params: ({ event }) => ({ port: event.port }) },
                { type: 'tell', params: ({ event }) => ({ type: 'tunnel.opened', port: event.port }) },
                {
                  type: 'say',
                  params: ({ context, event }) => ({
                    news: { type: 'tunnel.ready', tunnel: context.tunnel, port: event.port, at: event.at },
                  }),
                },
              ],
            },
          },
        },
        open: {
          description: 'Bytes go both ways.',
          tags: 'open',
          on: {
            'tunnel.stalled': {
              target: 'stalled',
              actions: [
                { type: 'tell', params: ({ event }) => ({ type: 'tunnel.stalled', forMs: event.forMs }) },
                {
                  type: 'say',
                  params: ({ context, event }) => ({
                    news: { type: 'tunnel.unread', tunnel: context.tunnel, forMs: event.forMs },
                  }),
                },
              ],
            },
            'tunnel.pause': {
              target: 'paused',
              actions: { type: 'ask', params: { request: { type: 'tunnel.pause' } } },
            },
          },
        },
        stalled: {
          description: 'Its reader here does not read. Only this tunnel is held up.',
          tags: 'stalled',
          on: {
            'tunnel.moving': {
              target: 'open',
              actions: {
                type: 'say',
                params: ({ context }) => ({ news: { type: 'tunnel.read', tunnel: context.tunnel } }),
              },
            },
          },
        },
        paused: {
          description: 'New channels are refused; what is open is not read from.',
          tags: 'paused',
          on: {
            'tunnel.resume': {
              target: 'open',
              actions: { type: 'ask', params: { request: { type: 'tunnel.resume' } } },
            },
          },
        },
        closing: {
          description: 'Told to end: its last words are how much went through it.',
          tags: 'closing',
          entry: { type: 'ask', params: { request: { type: 'tunnel.close' } } },
          after: { lastWords: '#tunnel.closed' },
          on: {
            'tunnel.close': { description: 'Already on the way out.' },
            'tunnel.failed': { target: '#tunnel.closed', description: 'As it is to end anyway.' },
          },
        },
      },
    },
    denied: {
      description: 'It was refused, or it broke. Only this feature is missing.',
      tags: 'denied',
      type: 'final',
      entry: {
        type: 'tell',
        params: ({ context }) => ({ type: 'tunnel.failed', failure: context.failure ?? crashed('tunnel') }),
      },
    },
    closed: {
      description: 'Ended in order: by us, or with the connection it was for.',
      tags: 'closed',
      type: 'final',
      entry: {
        type: 'tell',
        params: ({ context: { sent, received, refused } }) => ({
          type: 'tunnel.closed',
          sent,
          received,
          refused,
        }),
      },
    },
  },
  output: ({ context }): TunnelOutput => (context.failure === undefined ? {} : { failure: context.failure }),
});
