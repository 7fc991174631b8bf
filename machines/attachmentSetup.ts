/** What an attachment's chart is made of: its actors, delays, guards and actions. */
import { type AnyActorLogic, assign, enqueueActions, sendParent, setup } from 'xstate';
import type {
  AttachmentContext,
  AttachmentEvent,
  AttachmentInput,
  AttachmentNews,
  AttachmentOutput,
  AttachmentTag,
} from './attachmentModel.js';
import { placeholders } from './ports.js';
import { proxyMachine } from './proxy.js';
import type { ProxyEnd, TunnelName } from './sessionPorts.js';
import { tunnelMachine } from './tunnel.js';
import type { Fact, Failure } from './vocabulary.js';

/** A viewer that crashed is ended by TERM and, after a grace, by KILL. */
const releaseDeadline = 3_000;
/** How long the picture's being there waits for the sound tunnel. */
const soundPatience = 3_000;
/** How long a viewer may take to notice that its tunnel broke, before it is told to end. */
const notice = 1_000;

const sounded = (sound: boolean): AttachmentNews => ({ type: 'attachment.sounded', sound });

export const attachmentSetup = setup({
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
      if (presentation.sound === false) enqueue.sendParent(sounded(false));
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
    noteSound: enqueueActions(({ context, enqueue }, p: { tunnel: TunnelName; sound: 'open' | 'failed' }) => {
      if (p.tunnel !== 'sound') return;
      enqueue.assign({ sound: p.sound });
      if (context.sound === 'pending') enqueue.sendParent(sounded(p.sound === 'open'));
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
});
