/** From two ports to a picture: the tunnels, the proxy, the sound. */
import { attachmentSetup } from './attachmentSetup.js';
import type { SessionPhase } from './vocabulary.js';

const progress = (phase: SessionPhase, at: number) => ({
  news: { type: 'attachment.progress' as const, phase, at },
});

export const attaching = attachmentSetup.createStateConfig({
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
});
