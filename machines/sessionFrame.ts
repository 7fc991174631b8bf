/** What every part of a session's chart builds on: its ports, delays and guards, and what it remembers. */
import { type AnyActorLogic, type AnyEventObject, assign, sendParent, setup } from 'xstate';
import { attachmentMachine } from './attachment.js';
import { defaultTiming } from './policy.js';
import type { SessionContext, SessionEvent, SessionInput, SessionNews, Wanted } from './sessionModel.js';
import { sessionPlaceholders } from './sessionPorts.js';
import { allowed, isBroken, mayRestart, unstable } from './sessionRules.js';
import type { AgentPorts, Fact, Failure, SessionRecord, SessionTag } from './vocabulary.js';

type ToParent = SessionNews | { readonly type: 'fact.reported'; readonly fact: Fact };
export const toParent = (event: ToParent) =>
  sendParent<SessionContext, SessionEvent, undefined, AnyEventObject, SessionEvent>(event);

export const frame = setup({
  types: {
    context: {} as SessionContext,
    input: {} as SessionInput,
    events: {} as SessionEvent,
    tags: {} as SessionTag,
  },
  actors: {
    attachment: attachmentMachine as AnyActorLogic,
    startAgent: sessionPlaceholders.startAgent,
    withdraw: sessionPlaceholders.withdraw,
    resumeAgent: sessionPlaceholders.resumeAgent,
    endAgent: sessionPlaceholders.endAgent,
    runCommand: sessionPlaceholders.runCommand,
  },
  delays: {
    orphanAfter: ({ context }) => context.orphanAfter ?? defaultTiming.orphanAfter,
    /** Until the server is asked again about a session that is between two states. */
    lookAgain: 1_000,
    /** Its first window is on its way: a listing beside it would take half of a small server's time. */
    firstLook: 2_000,
    /** After its viewer has ended, an agent suspends itself within a second: then it is told to. */
    selfSuspension: 2_500,
    /** How long a suspension may take to show: 7 s measured, 45 s is the server's own limit (PROTOCOL 1.6). */
    suspension: 50_000,
    /** Between a failed resume and the next one. */
    rest: 2_000,
  },
  guards: {
    isStart: ({ context }) => context.start !== undefined && context.record === undefined,
    /** Every eighth look. */
    isDueToAsk: ({ context }) => context.looks % 8 === 0,
    isLineUp: ({ context }) => context.lineUp,
    /** The call or the tunnel broke off with its channel: perhaps the line is gone too. Twice believed, then it is a failure like others. */
    isCutOff: ({ context }, p: { failure: Failure | undefined }) =>
      p.failure?.code.startsWith('ssh.') === true && context.looks < 2,
    canWithdraw: ({ context }) => context.lineUp && !context.attached,
    isAttached: ({ context }) => context.attached,
    isDetached: ({ context }) => !context.attached,
    isAllowed: ({ context }, p: { wanted: Wanted }) => allowed(context).includes(p.wanted),
    wants: ({ context }, p: { wanted: Wanted }) => context.wanted === p.wanted,
    /** Resume needs a line and an agent that is known to live. */
    canResume: ({ context }) =>
      context.wanted === 'shown' &&
      context.lineUp &&
      context.record?.agentPid !== undefined &&
      !context.attached,
    canEnd: ({ context }) => context.wanted === 'terminated' && context.lineUp,
    canSuspend: ({ context }) => context.wanted === 'suspended' && context.lineUp,
    isLeaving: ({ context }) => context.leaving !== undefined,
    isLetGo: ({ context }) => context.leaving === 'leave' && context.ours,
    recovers: ({ context }) => context.recover && context.leaving === undefined,
    /** A viewer that was closed does not come back with the line. */
    recoversViewer: ({ context }) =>
      context.recover && context.leaving === undefined && (context.attached || isBroken(context.end)),
    mayRestart: ({ context }) =>
      context.recover && context.leaving === undefined && isBroken(context.end) && mayRestart(context),
    isThrashing: ({ context }) => context.recover && isBroken(context.end) && !mayRestart(context),
    hasCommand: ({ context }) => context.start !== undefined && runsCommand(context.start.order.kind),
    /** An agent that lost its viewer suspends itself within a second, on a busy server a little later. */
    wasLookedAt: ({ context }) => context.looks >= 5,
    hasFailed: ({ context }) => context.failure !== undefined,
    mayTryAgain: ({ context }, p: { failure: Failure | undefined }) =>
      p.failure?.retryable !== false && context.lineUp && mayRestart(context),
    /** Only a listing knows whose stint it is. */
    isOurStint: ({ context }, p: { stint: string | undefined }) =>
      !context.attached && (context.stint === undefined || p.stint === context.stint),
    isAnotherStint: ({ context }, p: { stint: string | undefined }) =>
      p.stint !== undefined && context.stint !== undefined && p.stint !== context.stint,
  },
  actions: {
    /** What was found at first is anybody's from then on; what we do we say. */
    enter: assign({
      state: (_, p: { state: SessionTag }) => p.state,
      by: 'other',
    }),
    rememberStint: assign({
      stint: ({ context }, p: { stint: string | undefined }) => p.stint ?? context.stint,
    }),
    forgetStint: assign({ stint: undefined }),
    rememberRecord: assign({ record: (_, p: { record: SessionRecord | undefined }) => p.record }),
    forgetRecord: assign({ record: undefined, phases: {} }),
    forgetStart: assign({ start: undefined }),
    rememberPorts: assign({
      record: ({ context }, p: { ports: AgentPorts | undefined; at: number }) =>
        context.record && p.ports && { ...context.record, ports: p.ports },
      at: (_, p: { ports: AgentPorts | undefined; at: number }) => p.at,
    }),
    rememberFailure: assign({ failure: (_, p: { failure: Failure }) => p.failure }),
    forgetFailure: assign({ failure: undefined }),
    rememberUnstable: assign({ failure: ({ context }) => unstable(context) }),
    rememberCut: assign({
      end: (_, p: { failure: Failure }) => ({ how: 'failed' as const, failure: p.failure }),
    }),
    rememberRestart: assign({ restarts: ({ context }) => [...context.restarts, context.at].slice(-4) }),
    rememberReason: assign({ reason: (_, p: { reason: 'ended' | 'agentGone' }) => p.reason }),
    rememberSound: assign({ sound: (_, p: { sound: boolean }) => p.sound }),
    rememberLine: assign({ lineUp: (_, p: { up: boolean }) => p.up }),
    countLook: assign({ looks: ({ context }) => context.looks + 1 }),
    forgetLooks: assign({ looks: 0 }),
  },
});

/** PROTOCOL 1.1, step 9: never for shadow or XDMCP. */
const runsCommand = (kind: string): boolean => kind !== 'shadow' && kind !== 'xdmcp';
