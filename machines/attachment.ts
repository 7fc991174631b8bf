import { raise } from 'xstate';
import { type AttachmentOutput, initialContext } from './attachmentModel.js';
import { attaching } from './attachmentOpening.js';
import { attachmentSetup } from './attachmentSetup.js';
import type { ProxyOutput } from './proxy.js';
import type { TunnelName } from './sessionPorts.js';
import type { TunnelOutput } from './tunnel.js';

export type {
  AttachmentContext,
  AttachmentEvent,
  AttachmentInput,
} from './attachmentModel.js';
export { attachmentTags } from './attachmentModel.js';

/** What shows one session here: its tunnels and its proxy, opened and closed in order. */
export const attachmentMachine = attachmentSetup.createMachine({
  id: 'attachment',
  context: ({ input }) => initialContext(input),
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
    attaching,
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
