import { type AnyActorLogic, assign, enqueueActions, raise, sendParent, setup } from 'xstate';
import type { Presentation } from './orders.js';
import { placeholders } from './ports.js';
import { type ProxyNews, type ProxyOutput, proxyMachine } from './proxy.js';
import type { ProxyEnd, TunnelName } from './sessionPorts.js';
import { type TunnelNews, type TunnelOutput, tunnelMachine } from './tunnel.js';
import type { AgentPorts, Fact, Failure, ProfileId, SessionId, SessionPhase } from './vocabulary.js';

export const attachmentTags = ['opening', 'shown', 'terminating', 'terminated'] as const;
export type AttachmentTag = (typeof attachmentTags)[number];

export interface AttachmentInput {
  readonly profile: ProfileId;
  readonly session: SessionId;
  /** The session's display number on the server. */
  readonly display: number;
  readonly ports: AgentPorts;
  readonly presentation: Presentation;
}
export interface AttachmentContext extends AttachmentInput {
  /** What is open, by the ids of its actors. */
  readonly open: readonly string[];
  readonly graphicsPort: number;
  readonly sound: 'off' | 'pending' | 'open' | 'failed';
  readonly end: ProxyEnd;
  /** When something was heard last, on the guardian's clock. */
  readonly at: number;
}
export type AttachmentEvent =
  | TunnelNews
  | ProxyNews
  | { readonly type: 'attachment.close' }
  | { readonly type: 'tunnel.pause' | 'tunnel.resume'; readonly tunnel: TunnelName }
  | { readonly type: 'fact.reported'; readonly fact: Fact }
  | ({ readonly type: 'tunnel.over'; readonly tunnel: TunnelName } & TunnelOutput)
  | ({ readonly type: 'proxy.over' } & ProxyOutput)
  | { readonly type: `xstate.error.actor.${string}`; readonly actorId: string }
  | { readonly type: `xstate.done.actor.${string}`; readonly actorId: string; readonly output: unknown };
/** What an attachment tells its session. */
export type AttachmentNews =
  | { readonly type: 'attachment.progress'; readonly phase: SessionPhase; readonly at: number }
  | { readonly type: 'attachment.shown'; readonly sound: boolean; readonly at: number };
/** Nothing of it is left. */
export type AttachmentOutput = ProxyOutput;

/** A viewer that crashed is ended by TERM and, after a grace, by KILL. */
const releaseDeadline = 3_000;
/** How long the picture's being there waits for the sound tunnel. */
const soundPatience = 3_000;
/** How long a viewer may take to notice that its tunnel broke, before it is told to end. */
const notice = 1_000;

/** What shows one session here: its tunnels and its proxy, opened and closed in order. */
export const attachmentMachine = setup({
  types: {
    context: {} as AttachmentContext,
    input: {} as AttachmentInput,
    events: {} as AttachmentEvent,
    tags: {} as AttachmentTag,
    output: {} as AttachmentOutput,
  },
  actors: {
    tunnel: tunnelMachine as AnyActorLogic,
    proxy: proxyMachine as AnyActorLogic,
    release: placeholders.release,
  },
  delays: { soundPatience, notice, releaseDeadline },
  guards: {
    isGraphics: (_, p: { tunnel: TunnelName }) => p.tunnel === 'graphics',
    isGraphicsBroken: (_, p: { tunnel: TunnelName; failure?: Failure }) =>
      p.tunnel === 'graphics' && p.failure !== undefined,
    isSoundDecided: ({ context }) => context.sound !== 'pending',
    isAllClosed: ({ context }) => context.open.length === 0,
    isProxyOver: ({ context }) => !context.open.includes('proxy'),
  },
  actions: {
    say: sendParent((_, p: { news: AttachmentNews }) => p.news),
    passOn: sendParent((_, p: { fact: Fact }) => ({ type: 'fact.reported', fact: p.fact })),
    openTunnels: enqueueActions(({ context, enqueue }) => {
      const { profile, session, ports, presentation } = context;
      const open = ['graphics'];
      const spawn = (tunnel: TunnelName, serverPort: number) =>
        enqueue.spawnChild('tunnel', { id: tunnel, input: { profile, session, tunnel, serverPort } });
      spawn('graphics', ports.graphics);
      if (presentation.sound !== false) {
        spawn('sound', ports.sound);
        open.push('sound');
      }
      enqueue.assign({ open, sound: presentation.sound === false ? 'off' : 'pending' });
    }),
    launch: enqueueActions(({ context, enqueue }) => {
      const { profile, session, display, presentation, graphicsPort: port } = context;
      enqueue.spawnChild('proxy', { id: 'proxy', input: { profile, session, display, port, presentation } });
      enqueue.assign({ open: [...context.open, 'proxy'] });
    }),
    rememberPort: assign({ graphicsPort: (_, p: { port: number }) => p.port }),
    rememberEnd: assign({
      // The first reason is the cause; what follows from it is told in other words.
      end: ({ context }, p: { end: ProxyEnd }) => (context.end.how === 'ended' ? p.end : context.end),
    }),
    hear: assign({ at: ({ context }, p: { at: number }) => Math.max(context.at, p.at) }),
    noteSound: assign({
      sound: ({ context }, p: { tunnel: TunnelName; sound: 'open' | 'failed' }) =>
        p.tunnel === 'sound' ? p.sound : context.sound,
    }),
    /** A finished actor stays among the children until it is stopped. */
    drop: enqueueActions(({ context, enqueue }, p: { id: string }) => {
      if (!context.open.includes(p.id)) return;
      enqueue.stopChild(p.id);
      enqueue.assign({ open: context.open.filter((id) => id !== p.id) });
    }),
    endProxy: enqueueActions(({ context, enqueue }) => {
      if (context.open.includes('proxy')) enqueue.sendTo('proxy', { type: 'proxy.close' });
    }),
    /** The proxy first: it would take the end of its tunnel for a broken line. */
    closeTunnels: enqueueActions(({ context, enqueue }) => {
      for (const id of context.open) enqueue.sendTo(id, { type: 'tunnel.close' });
    }),
    warnProxy: enqueueActions(({ context, enqueue }, p: { tunnel: TunnelName; forMs?: number }) => {
      if (p.tunnel !== 'graphics' || !context.open.includes('proxy')) return;
      const { forMs } = p;
      enqueue.sendTo('proxy', forMs === undefined ? { type: 'proxy.read' } : { type: 'proxy.unread', forMs });
    }),
    askTunnel: enqueueActions(
      ({ context, enqueue }, p: { tunnel: TunnelName; type: 'tunnel.pause' | 'tunnel.resume' }) => {
        if (context.open.includes(p.tunnel)) enqueue.sendTo(p.tunnel, { type: p.type });
      },
    ),
  },
}).createMachine({
  id: 'attachment',
  context: ({ input }) => ({
    ...input,
    open: [],
    graphicsPort: 0,
    sound: 'off',
    end: { how: 'ended' },
    at: 0,
  }),
  initial: 'attaching',
  on: {
    'fact.reported': { actions: { type: 'passOn', params: ({ event }) => ({ fact: event.fact }) } },
    'attachment.close': '.terminating',
    'tunnel.pause': {
      actions: { type: 'askTunnel', params: ({ event }) => ({ tunnel: event.tunnel, type: event.type }) },
    },
    'tunnel.resume': {
      actions: { type: 'askTunnel', params: ({ event }) => ({ tunnel: event.tunnel, type: event.type }) },
    },
    'tunnel.unread': {
      actions: {
        type: 'warnProxy',
        params: ({ event }) => ({ tunnel: event.tunnel, forMs: event.forMs }),
      },
    },
    'tunnel.read': { actions: { type: 'warnProxy', params: ({ event }) => ({ tunnel: event.tunnel }) } },
    'tunnel.ready': {
      actions: {
        type: 'noteSound',
        params: ({ event }) => ({ tunnel: event.tunnel, sound: 'open' as const }),
      },
    },
    'tunnel.over': [
      {
        guard: { type: 'isGraphicsBroken', params: ({ event }) => event },
        target: '.severed',
        actions: [
          {
            type: 'rememberEnd',
            params: ({ event }) => ({
              end: { how: 'cut', ...(event.failure && { failure: event.failure }) },
            }),
          },
          { type: 'drop', params: { id: 'graphics' } },
        ],
      },
      {
        guard: { type: 'isGraphics', params: ({ event }) => ({ tunnel: event.tunnel }) },
        target: '.severed',
        description: 'Why, the viewer knows.',
        actions: { type: 'drop', params: { id: 'graphics' } },
      },
      {
        description: 'Only that feature is missing.',
        actions: [
          {
            type: 'noteSound',
            params: ({ event }) => ({ tunnel: event.tunnel, sound: 'failed' as const }),
          },
          { type: 'drop', params: ({ event }) => ({ id: event.tunnel }) },
        ],
      },
    ],
    'xstate.done.actor.proxy': {
      actions: raise(({ event }) => ({ type: 'proxy.over', ...(event.output as ProxyOutput) })),
    },
    'xstate.done.actor.*': {
      description: 'A tunnel.',
      actions: raise(({ event }) => ({
        type: 'tunnel.over',
        tunnel: event.actorId as TunnelName,
        ...(event.output as TunnelOutput),
      })),
    },
    'proxy.over': {
      target: '.closing',
      actions: [
        { type: 'rememberEnd', params: ({ event }) => ({ end: event.end }) },
        { type: 'hear', params: ({ event }) => ({ at: event.at }) },
        { type: 'drop', params: { id: 'proxy' } },
      ],
    },
    'xstate.error.actor.*': {
      target: '.terminating',
      actions: [
        { type: 'rememberEnd', params: { end: { how: 'failed' } } },
        { type: 'drop', params: ({ event }) => ({ id: event.actorId }) },
      ],
    },
  },
  states: {
    attaching: {
      description: 'The graphics tunnel and the sound at once; nxproxy as soon as there is a port for it.',
      tags: 'opening',
      entry: 'openTunnels',
      initial: 'tunnelling',
      states: {
        tunnelling: {
          description: 'Waits for the graphics tunnel.',
          on: {
            'tunnel.ready': [
              {
                guard: { type: 'isGraphics', params: ({ event }) => ({ tunnel: event.tunnel }) },
                target: 'launching',
                actions: [
                  { type: 'rememberPort', params: ({ event }) => ({ port: event.port }) },
                  { type: 'say', params: ({ event }) => progress('tunnel', event.at) },
                ],
              },
              {
                actions: {
                  type: 'noteSound',
                  params: ({ event }) => ({ tunnel: event.tunnel, sound: 'open' as const }),
                },
              },
            ],
          },
        },
        launching: {
          description: 'The proxy is started.',
          entry: 'launch',
          on: {
            'proxy.running': {
              target: 'picturing',
              actions: { type: 'say', params: ({ event }) => progress('proxy', event.at) },
            },
          },
        },
        picturing: {
          description: 'The proxy meets the agent.',
          on: {
            'proxy.shown': {
              target: 'sounding',
              actions: [
                { type: 'hear', params: ({ event }) => ({ at: event.at }) },
                { type: 'say', params: ({ event }) => progress('picture', event.at) },
              ],
            },
          },
        },
        sounding: {
          description: 'The application is to find its sound: but not at any price.',
          always: { guard: 'isSoundDecided', target: '#attachment.shown' },
          after: { soundPatience: '#attachment.shown' },
        },
      },
    },
    shown: {
      description: 'The session is on the screen.',
      tags: 'shown',
      entry: {
        type: 'say',
        params: ({ context }) => ({
          news: { type: 'attachment.shown', sound: context.sound === 'open', at: context.at },
        }),
      },
    },
    severed: {
      description: 'The graphics tunnel is gone: the proxy will notice, or is told.',
      tags: 'terminating',
      always: { guard: 'isProxyOver', target: 'closing' },
      after: {
        notice: {
          target: 'terminating',
          actions: { type: 'rememberEnd', params: { end: { how: 'cut' } } },
        },
      },
    },
    terminating: {
      description: 'The proxy is asked to end. Its tunnels are closed after it.',
      tags: 'terminating',
      entry: 'endProxy',
      always: { guard: 'isProxyOver', target: 'closing' },
      on: {
        'attachment.close': { description: 'Already on the way out.' },
        'tunnel.over': { actions: { type: 'drop', params: ({ event }) => ({ id: event.tunnel }) } },
      },
    },
    closing: {
      description: 'The tunnels go.',
      tags: 'terminating',
      entry: 'closeTunnels',
      always: { guard: 'isAllClosed', target: 'releasing' },
      on: {
        'attachment.close': { description: 'Already on the way out.' },
        'tunnel.over': { actions: { type: 'drop', params: ({ event }) => ({ id: event.tunnel }) } },
      },
    },
    releasing: {
      description: 'What a crashed actor left, if one did.',
      tags: 'terminating',
      invoke: {
        id: 'release',
        src: 'release',
        input: ({ context: { profile, session } }) => ({ profile, session, how: 'settle' }),
        onDone: 'terminated',
        onError: 'terminated',
      },
      after: { releaseDeadline: 'terminated' },
      on: { 'attachment.close': { description: 'Already on the way out.' } },
    },
    terminated: {
      description: 'Nothing of it is left here.',
      tags: 'terminated',
      type: 'final',
    },
  },
  output: ({ context }): AttachmentOutput => ({ end: context.end, at: context.at }),
});

const progress = (phase: SessionPhase, at: number) => ({
  news: { type: 'attachment.progress' as const, phase, at },
});
