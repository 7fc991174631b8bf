/** What a session's chart knows and what it hears. */
import type { AttachmentNews, AttachmentOutput } from './attachmentModel.js';
import type { ExitPolicy, OperationId, Presentation, SessionOrder } from './orders.js';
import type { Outcome } from './ports.js';
import type { Evidence } from './registry.js';
import type { ProxyEnd } from './sessionPorts.js';
import type {
  Author,
  Fact,
  Failure,
  ProfileId,
  SessionId,
  SessionPhase,
  SessionRecord,
  SessionTag,
} from './vocabulary.js';

/** What somebody wants of a session. What is, is the chart's state; the chart closes the gap. */
export type Wanted = 'shown' | 'suspended' | 'terminated';

export interface SessionStart {
  readonly operation: OperationId;
  readonly order: SessionOrder;
  /** When it was asked for, on the guardian's clock. */
  readonly at: number;
}
export interface SessionInput {
  readonly profile: ProfileId;
  readonly by: Author;
  /** What the listing shows of it. Absent: it is to be started. */
  readonly record?: SessionRecord;
  readonly start?: SessionStart;
  /** @default false */
  readonly lineUp?: boolean;
  /** Whether a session whose line or viewer broke is brought back. @default true */
  readonly recover?: boolean;
  /** @default 10_000 ms */
  readonly orphanAfter?: number;
}
export interface Waiter {
  readonly operation: OperationId;
  readonly wanted: Wanted;
}
export interface SessionContext extends Omit<SessionInput, 'record' | 'start'> {
  readonly record: SessionRecord | undefined;
  /** What it is to be started from; nothing, once it is on the screen. */
  readonly start: SessionStart | undefined;
  readonly lineUp: boolean;
  readonly recover: boolean;
  /** Who brought it here; `by` is for what is reported next. */
  readonly author: Author;
  readonly state: SessionTag;
  /** The state that was told of it last. */
  readonly told: SessionTag | undefined;
  /** The stretch of running that was seen last; another one means that the session was taken over. */
  readonly stint: string | undefined;
  /** What somebody asked for and is not so yet. */
  readonly wanted: Wanted | undefined;
  /** Calls that wait for an outcome; two that want the same wait for the same one. */
  readonly waiters: readonly Waiter[];
  /** Whether we run it: from our start or resume until it is suspended, taken over or gone. */
  readonly ours: boolean;
  /** What is to become of it at the end; set when that has come. */
  readonly leaving: ExitPolicy | undefined;
  readonly presentation: Presentation;
  /** Whether an attachment's actor exists. */
  readonly attached: boolean;
  readonly sound: boolean;
  /** How the last attachment ended. */
  readonly end: ProxyEnd | undefined;
  readonly failure: Failure | undefined;
  /** Why it is gone from the server. */
  readonly reason: 'ended' | 'agentGone';
  /** When it was brought back, on the guardian's clock: a viewer that dies over and over is given up. */
  readonly restarts: readonly number[];
  /** How often it was doubted since it was on the screen last: what the server says, or whether the line still stands. */
  readonly looks: number;
  /** When something of it was heard last, on the guardian's clock. */
  readonly at: number;
  readonly phases: Readonly<Partial<Record<SessionPhase, number>>>;
}

export type SessionRequest =
  | {
      readonly type: 'session.ask';
      readonly operation: OperationId;
      readonly wanted: Wanted;
      readonly presentation?: Presentation;
    }
  /** Whoever called does not want to wait any more. */
  | { readonly type: 'operation.abandon'; readonly operation: OperationId }
  | { readonly type: 'session.leave'; readonly policy: ExitPolicy };
export type SessionEvent =
  | Evidence
  | SessionRequest
  | AttachmentNews
  | { readonly type: 'xstate.done.actor.attachment'; readonly output: AttachmentOutput }
  | ({ readonly type: 'attachment.ended' } & AttachmentOutput)
  | { readonly type: 'command.executed'; readonly at: number }
  | { readonly type: 'line.up' }
  | { readonly type: 'line.lost' }
  /** There will be no line until somebody connects anew: whoever waits for one is told why. */
  | { readonly type: 'line.denied'; readonly failure: Failure }
  | { readonly type: 'session.listed'; readonly record: SessionRecord }
  | { readonly type: 'fact.reported'; readonly fact: Fact };

/** What a session tells its profile. */
export type SessionNews =
  | { readonly type: 'session.named'; readonly actor: string; readonly record: SessionRecord }
  /** What an interrupted start had made is gone again; it starts anew, under another name. */
  | { readonly type: 'session.withdrawn'; readonly actor: string; readonly session: SessionId }
  /** Whether we run it. `left`: why it may run on there although it was to end. */
  | {
      readonly type: 'session.owned';
      readonly actor: string;
      readonly owned: boolean;
      readonly left?: Failure;
    }
  /** Its start is over: from now on it is watched. */
  | { readonly type: 'session.settled'; readonly actor: string }
  /** It has been seen to. `left`: it is not as the exit policy wants it. */
  | { readonly type: 'session.left'; readonly actor: string; readonly left?: Failure }
  | { readonly type: 'refresh.wanted' }
  | OperationSettled;
/** The outcome of a call. It goes up to the facade. */
export interface OperationSettled {
  readonly type: 'operation.settled';
  readonly operation: OperationId;
  readonly outcome: Outcome<SessionId>;
}

export const initialContext = (input: SessionInput): SessionContext => ({
  lineUp: false,
  recover: true,
  record: undefined,
  start: undefined,
  ...input,
  author: input.by,
  state: 'virgin',
  told: undefined,
  stint: undefined,
  wanted: input.start ? 'shown' : undefined,
  waiters: input.start ? [{ operation: input.start.operation, wanted: 'shown' }] : [],
  ours: false,
  leaving: undefined,
  presentation: input.start?.order ?? {},
  attached: false,
  sound: false,
  end: undefined,
  failure: undefined,
  reason: 'ended',
  restarts: [],
  looks: 0,
  at: input.start?.at ?? 0,
  phases: {},
});
