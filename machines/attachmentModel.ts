/** What an attachment knows, what it hears and what it tells. */
import type { Presentation } from './orders.js';
import type { ProxyNews, ProxyOutput } from './proxy.js';
import type { ProxyEnd, TunnelName } from './sessionPorts.js';
import type { TunnelNews, TunnelOutput } from './tunnel.js';
import type { AgentPorts, Fact, ProfileId, SessionId, SessionPhase } from './vocabulary.js';

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
  /** Whether there is sound is decided, once: a command may be executed before there is a picture. */
  | { readonly type: 'attachment.sounded'; readonly sound: boolean }
  | { readonly type: 'attachment.shown'; readonly sound: boolean; readonly at: number };
/** Nothing of it is left. */
export type AttachmentOutput = ProxyOutput;

export const initialContext = (input: AttachmentInput): AttachmentContext => ({
  ...input,
  open: [],
  graphicsPort: 0,
  sound: 'off',
  end: { how: 'ended' },
  at: 0,
});
