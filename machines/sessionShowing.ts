/** From an agent to its picture; what was ordered is executed there meanwhile. */

import { raise } from 'xstate';
import type { AttachmentOutput } from './attachmentModel.js';
import type { SessionOrder } from './orders.js';
import type { SessionContext } from './sessionModel.js';
import { agentEnded, crashedCall, pictureless } from './sessionRules.js';
import { sessionSetup } from './sessionSetup.js';
import { failureOf, strands } from './sessionWithdrawing.js';

const commandDeadline = 15_000;
const started = {
  type: 'report',
  params: { type: 'session.started', state: 'running', by: 'me' },
} as const;
const executed = {
  type: 'progress',
  params: ({ event }: { readonly event: { readonly at: number } }) => ({
    phase: 'command' as const,
    at: event.at,
  }),
} as const;

export interface Ended {
  readonly event: AttachmentOutput;
}
const dropped = {
  type: 'drop',
  params: ({ event }: Ended) => ({ end: event.end, at: event.at }),
} as const;
const noPicture = {
  type: 'rememberFailure',
  params: ({ event }: Ended) => ({ failure: pictureless(event.end.failure) }),
} as const;
const brokenOff = {
  guard: { type: 'isCutOff', params: ({ event }: Ended) => ({ failure: event.end.failure }) },
  target: '#session.starting.doubting',
  actions: dropped,
} as const;
const withoutViewer = { guard: 'isDetached', target: '#session.terminating.asking' } as const;

export const orderOf = ({ start }: SessionContext): SessionOrder => start?.order ?? { kind: 'published' };

const commanding = sessionSetup.createStateConfig({
  description: 'x2goruncommand: what was ordered is executed there.',
  invoke: {
    id: 'command',
    src: 'runCommand',
    input: ({ context }) => ({
      profile: context.profile,
      session: context.record?.session ?? '',
      display: context.record?.display ?? 0,
      agentPid: context.record?.agentPid ?? 0,
      soundPort: context.record?.ports?.sound ?? 0,
      sound: context.sound,
      order: orderOf(context),
      deadlineMs: commandDeadline,
    }),
    onDone: [
      {
        guard: ({ event }) => event.output.outcome.ok,
        actions: raise(({ event }) => ({ type: 'command.executed', at: event.output.at })),
      },
      {
        guard: { type: 'isCutOff', params: ({ event }) => ({ failure: failureOf(event.output) }) },
        target: '#session.starting.doubting',
      },
      {
        target: '#session.terminating.asking',
        actions: {
          type: 'rememberFailure',
          params: ({ event }) => ({ failure: failureOf(event.output) ?? crashedCall }),
        },
      },
    ],
    onError: {
      target: '#session.terminating.asking',
      actions: { type: 'rememberFailure', params: { failure: crashedCall } },
    },
  },
  initial: 'unseen',
  states: {
    unseen: {
      description: 'Its window is painted as soon as there is a picture.',
      on: {
        'command.executed': '#session.starting.showing.picturing',
        'attachment.shown': 'seen',
        'attachment.ended': [
          brokenOff,
          {
            description: 'An agent whose command cannot be executed ends: the command tells why.',
            actions: [dropped, noPicture],
          },
        ],
      },
    },
    seen: {
      description: 'The picture is there; the command is on its way.',
      on: {
        'command.executed': {
          target: '#session.running.shown',
          actions: [executed, started],
        },
        'attachment.ended': {
          description: 'It is asked about when that is done.',
          actions: dropped,
        },
        'server.gone': {
          target: '#session.terminating.clearing',
          actions: { type: 'rememberReason', params: ({ event }) => ({ reason: event.reason }) },
        },
      },
    },
  },
});

export const showing = sessionSetup.createStateConfig({
  description: 'Tunnels, then the viewer, then the picture.',
  entry: 'attach',
  always: {
    guard: { type: 'wants', params: { wanted: 'terminated' } },
    target: '#session.terminating.asking',
  },
  on: {
    'attachment.progress': {
      actions: { type: 'progress', params: ({ event }) => ({ phase: event.phase, at: event.at }) },
    },
    'server.unlisted': { description: 'When its agent ends, its viewer does.' },
    'server.gone': {
      target: '#session.terminating.asking',
      description: 'Its agent is gone; the row it may have left goes too.',
      actions: { type: 'rememberFailure', params: { failure: agentEnded } },
    },
    'attachment.ended': [
      brokenOff,
      {
        target: '#session.terminating.asking',
        actions: [dropped, noPicture],
      },
    ],
    'line.lost': strands,
  },
  initial: 'preparing',
  states: {
    preparing: {
      description: 'Whether there is sound is decided before the command is executed.',
      always: withoutViewer,
      on: {
        'attachment.sounded': {
          guard: 'hasCommand',
          target: 'commanding',
          actions: { type: 'rememberSound', params: ({ event }) => ({ sound: event.sound }) },
        },
        'attachment.shown': [
          {
            guard: 'hasCommand',
            target: 'commanding.seen',
            actions: { type: 'rememberSound', params: ({ event }) => ({ sound: event.sound }) },
          },
          { target: '#session.running.shown', actions: started },
        ],
      },
    },
    commanding,
    picturing: {
      description: 'What was ordered is executed there; its picture is to come.',
      always: withoutViewer,
      on: {
        'attachment.shown': {
          target: '#session.running.shown',
          actions: [executed, started],
        },
      },
    },
  },
});
