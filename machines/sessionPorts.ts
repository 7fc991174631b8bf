/** What a session's charts need from the world. Secrets are in none of it: the cookie stays with the actors' world. */
import { type CallbackActorLogic, fromCallback, fromPromise, type PromiseActorLogic } from 'xstate';
import type { OperationId, Presentation, SessionOrder } from './orders.js';
import type { Outcome } from './ports.js';
import type { AgentPorts, Failure, ProfileId, SessionId, SessionKind, SessionRecord } from './vocabulary.js';

/** An answer and when it came, on the guardian's monotonic clock in ms. */
export interface Answer<T> {
  readonly at: number;
  readonly outcome: Outcome<T>;
}

/**
 * x2gostartagent. Never rejects. Stopped before its answer it leaves the server's part running: `withdraw` ends that.
 * Failures: session.limit, session.denied, agent.failed, command.garbled, command.timedOut, x2go.missing, ssh.closed ...
 */
export type StartAgentPort = PromiseActorLogic<Answer<SessionRecord>, StartAgentInput>;
export interface StartAgentInput {
  readonly profile: ProfileId;
  readonly operation: OperationId;
  readonly order: SessionOrder;
  readonly deadlineMs: number;
}

/** Ends whatever an interrupted start left on the server, and answers when nothing of it lives there. Never rejects. */
export type WithdrawPort = PromiseActorLogic<Answer<undefined>, WithdrawInput>;
export interface WithdrawInput {
  readonly profile: ProfileId;
  readonly operation: OperationId;
  readonly deadlineMs: number;
}

/** x2goresume-session; gives the ports, which may be new ones. Never rejects. Stopped, it ends the command over there. */
export type ResumeAgentPort = PromiseActorLogic<Answer<AgentPorts>, ResumeAgentInput>;
export interface ResumeAgentInput {
  readonly profile: ProfileId;
  readonly session: SessionId;
  readonly kind: SessionKind;
  readonly agentPid: number;
  readonly presentation: Presentation;
  readonly deadlineMs: number;
}

/** x2gosuspend-session or x2goterminate-session. Their exit codes say nothing: the answer tells whether the agent lives. Never rejects. */
export type EndAgentPort = PromiseActorLogic<Answer<{ readonly alive: boolean }>, EndAgentInput>;
export interface EndAgentInput {
  readonly profile: ProfileId;
  readonly session: SessionId;
  /** terminate ends an agent that outlives x2goterminate-session too. */
  readonly how: 'suspend' | 'terminate';
  readonly agentPid: number | undefined;
  readonly deadlineMs: number;
}

/** x2goruncommand, detached; answers when the server has begun to execute the command. Never rejects. command.notFound ... */
export type RunCommandPort = PromiseActorLogic<Answer<undefined>, RunCommandInput>;
export interface RunCommandInput {
  readonly profile: ProfileId;
  readonly session: SessionId;
  readonly display: number;
  readonly agentPid: number;
  readonly soundPort: number;
  /** Whether the sound tunnel stands. */
  readonly sound: boolean;
  readonly order: SessionOrder;
  readonly deadlineMs: number;
}

export const tunnelNames = ['graphics', 'sound'] as const;
export type TunnelName = (typeof tunnelNames)[number];

/** One tunnel over the profile's line, alive as long as its actor. Graphics: we listen. The others: the server listens, we connect on. */
export type TunnelPort = CallbackActorLogic<TunnelRequest, TunnelInput>;
export interface TunnelInput {
  readonly profile: ProfileId;
  readonly session: SessionId;
  readonly tunnel: TunnelName;
  /** The port on the server's loopback: where the agent listens (graphics), or where the server is to listen. */
  readonly serverPort: number;
}
export type TunnelRequest =
  /** New channels are refused until tunnel.resume; those that are open are not read from. */
  | { readonly type: 'tunnel.pause' }
  | { readonly type: 'tunnel.resume' }
  /** Everything is closed at once; the last words are tunnel.traffic, where there is news, and tunnel.ended. */
  | { readonly type: 'tunnel.close' };
export type TunnelFact =
  /** `port`: where to connect to, here (graphics) or on the server. */
  | { readonly type: 'tunnel.opened'; readonly port: number; readonly at: number }
  /** At most once a second, when something changed. Totals since it was opened; `channels` is how many are open now. */
  | ({ readonly type: 'tunnel.traffic' } & Traffic)
  /** Bytes of ours have not been read for so long. */
  | { readonly type: 'tunnel.stalled'; readonly forMs: number }
  | { readonly type: 'tunnel.moving' }
  /** Graphics: the one connection has ended, by whichever side; the viewer says why. The last fact. */
  | { readonly type: 'tunnel.ended' }
  /** tunnel.denied, tunnel.portTaken, tunnel.unused, sound.missing, ssh.closed ...: it stands no longer, or never did. The last fact. */
  | { readonly type: 'tunnel.failed'; readonly failure: Failure };
export interface Traffic {
  /** Bytes to the server and from it. */
  readonly sent: number;
  readonly received: number;
  readonly channels: number;
  /** Connections and channels that were not let in. */
  readonly refused: number;
}

/** The program that paints the session on the local screen: nxproxy, or an app's own viewer. */
export type ProxyPort = CallbackActorLogic<ProxyRequest, ProxyInput>;
export interface ProxyInput {
  readonly profile: ProfileId;
  readonly session: SessionId;
  /** The session's display number on the server. */
  readonly display: number;
  /** Where the graphics tunnel listens. */
  readonly port: number;
  readonly presentation: Presentation;
}
export type ProxyRequest =
  /** SIGTERM: its agent suspends itself within about a second. */
  { readonly type: 'proxy.end' } | { readonly type: 'proxy.kill' };
export type ProxyFact =
  | { readonly type: 'proxy.launched'; readonly pid: number; readonly at: number }
  /** The picture is there. */
  | { readonly type: 'proxy.up'; readonly at: number }
  /** Stopped, or our bytes were not read, for so long. */
  | { readonly type: 'proxy.stalled'; readonly forMs: number }
  | { readonly type: 'proxy.moving' }
  /** It has been reaped. The last fact. */
  | { readonly type: 'proxy.ended'; readonly end: ProxyEnd; readonly at: number };

export const proxyEnds = [
  /** Suspended, terminated, taken over, or told to end: it writes the same words for all of them. */
  'ended',
  /** It lost its peer: the tunnel or the agent broke off. */
  'cut',
  /** Nothing listened, or the agent closed the connection at once. */
  'refused',
  /** The session cookie was not accepted. */
  'cookie',
  /** There is no X display it may paint on. */
  'screen',
  /** The program is missing or cannot be run here. */
  'missing',
  /** A signal that was not ours to send ended it. */
  'killed',
  'failed',
] as const;
/** How a proxy ended, read from what it wrote: its exit codes mean nothing (PROTOCOL 1.4). */
export interface ProxyEnd {
  readonly how: (typeof proxyEnds)[number];
  /** What to tell a person, where it is a failure. */
  readonly failure?: Failure;
}

const unprovided = (port: string): never => {
  throw new Error(`the port ${port} was not provided`);
};
export const sessionPlaceholders = {
  startAgent: fromPromise(async () => unprovided('startAgent')) as unknown as StartAgentPort,
  withdraw: fromPromise(async () => unprovided('withdraw')) as unknown as WithdrawPort,
  resumeAgent: fromPromise(async () => unprovided('resumeAgent')) as unknown as ResumeAgentPort,
  endAgent: fromPromise(async () => unprovided('endAgent')) as unknown as EndAgentPort,
  runCommand: fromPromise(async () => unprovided('runCommand')) as unknown as RunCommandPort,
  tunnel: fromCallback(() => unprovided('tunnel')) as unknown as TunnelPort,
  proxy: fromCallback(() => unprovided('proxy')) as unknown as ProxyPort,
};
