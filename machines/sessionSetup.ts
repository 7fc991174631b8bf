/** What a session's chart is made of: its ports, delays, guards and actions. */
import { type AnyActorLogic, type AnyEventObject, assign, enqueueActions, sendParent, setup } from 'xstate';
import { attachmentMachine } from './attachment.js';
import type { ExitPolicy, OperationId, Presentation } from './orders.js';
import { defaultTiming } from './policy.js';
import type { Outcome } from './ports.js';
import type { SessionContext, SessionEvent, SessionInput, SessionNews, Wanted } from './sessionModel.js';
import { type ProxyEnd, sessionPlaceholders } from './sessionPorts.js';
import {
  allowed,
  calledOff,
  endedFailure,
  farewell,
  insteadOfShown,
  isBroken,
  isUnderWay,
  lapsed,
  mayRestart,
  refusal,
  superseded,
  unstable,
} from './sessionRules.js';
import {
  type AgentPorts,
  type Author,
  type Fact,
  type Failure,
  type SessionDetails,
  type SessionPhase,
  type SessionRecord,
  type SessionTag,
  sessionPhases,
} from './vocabulary.js';

type SessionFactType = Extract<Fact['type'], `session.${string}`>;
export interface Report {
  readonly type: SessionFactType;
  readonly state: SessionTag;
  readonly from?: SessionTag;
  readonly by?: Author;
  readonly reason?: 'ended' | 'agentGone';
  readonly failure?: Failure;
}

export const detailsOf = (record: SessionRecord): SessionDetails => {
  const { kind, command, display, server, client, createdAt, changedAt, ageSeconds } = record;
  return { kind, command, display, server, client, createdAt, changedAt, ageSeconds };
};

const nameOf = ({ record }: SessionContext) => (record === undefined ? {} : { session: record.session });

const succeeded = (value: string): Outcome<string> => ({ ok: true, value });
const failed = (failure: Failure): Outcome<string> => ({ ok: false, failure });

type ToParent = SessionNews | { readonly type: 'fact.reported'; readonly fact: Fact };
const toParent = (event: ToParent) =>
  sendParent<SessionContext, SessionEvent, undefined, AnyEventObject, SessionEvent>(event);

export const sessionSetup = setup({
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
    forgetRecord: assign({ record: undefined, phases: {} }),
    forgetStart: assign({ start: undefined }),
    rememberSound: assign({ sound: (_, p: { sound: boolean }) => p.sound }),
    rememberLine: assign({ lineUp: (_, p: { up: boolean }) => p.up }),
    countLook: assign({ looks: ({ context }) => context.looks + 1 }),
    forgetLooks: assign({ looks: 0 }),
    passOn: sendParent((_, p: { fact: Fact }) => ({ type: 'fact.reported', fact: p.fact })),
    askAround: sendParent({ type: 'refresh.wanted' }),
    report: sendParent(({ context }, p: Report) => ({
      type: 'fact.reported',
      fact: {
        ...p,
        profile: context.profile,
        ...nameOf(context),
        from: p.from ?? context.state,
        by: p.by ?? context.by,
        ...(p.type === 'session.registered' && context.record ? detailsOf(context.record) : {}),
        ...(p.type === 'session.started' && context.ours ? timesOf(context) : {}),
        ...(p.type === 'session.suspended' && p.by === 'me' && context.failure
          ? { failure: context.failure }
          : {}),
      } as unknown as Fact,
    })),
    reportOrphan: sendParent(({ context }) => ({
      type: 'fact.reported',
      fact: {
        type: 'session.failed',
        profile: context.profile,
        ...nameOf(context),
        state: 'faulty',
        from: context.state,
        by: context.by,
        failure: {
          code: 'session.orphaned',
          message: `${context.record?.session} is no longer listed but its agent lives on; end it on the server`,
          retryable: false,
        },
      } as unknown as Fact,
    })),
    progress: enqueueActions(({ context, enqueue }, p: { phase: SessionPhase; at: number }) => {
      const tookMs = Math.max(0, Math.round(p.at - context.at));
      enqueue.assign({ at: p.at, phases: { ...context.phases, [p.phase]: tookMs } });
      if (context.start === undefined) return;
      enqueue(
        toParent({
          type: 'fact.reported',
          fact: {
            type: 'session.progress',
            profile: context.profile,
            ...nameOf(context),
            operation: context.start.operation,
            phase: p.phase,
            percent: Math.round((100 * (sessionPhases.indexOf(p.phase) + 1)) / sessionPhases.length),
          },
        }),
      );
    }),
    /** Another call for the same wants the same outcome. What was wanted before, and is not under way, will not be so. */
    join: enqueueActions(
      (
        { context, enqueue },
        p: { operation: OperationId; wanted: Wanted; presentation: Presentation | undefined },
      ) => {
        const { operation, wanted, presentation } = p;
        const waiters = context.waiters.filter(
          (waiter) => waiter.wanted === wanted || isUnderWay(context, waiter.wanted),
        );
        for (const waiter of context.waiters) {
          if (waiters.includes(waiter)) continue;
          const outcome = failed(superseded);
          enqueue(toParent({ type: 'operation.settled', operation: waiter.operation, outcome }));
        }
        enqueue.assign({
          wanted,
          waiters: [...waiters, { operation, wanted }],
          presentation: { ...context.presentation, ...presentation },
        });
      },
    ),
    refuse: sendParent(({ context }, p: { operation: OperationId; wanted: Wanted }) => ({
      type: 'operation.settled',
      operation: p.operation,
      outcome: { ok: false, failure: refusal(context, p.wanted) },
    })),
    /** Nobody waits for it any more: a start or a resume that nobody wants is taken back. */
    abandon: enqueueActions(({ context, enqueue }, p: { operation: OperationId }) => {
      const waiter = context.waiters.find(({ operation }) => operation === p.operation);
      if (waiter === undefined) return;
      const waiters = context.waiters.filter((other) => other !== waiter);
      const isWanted = waiters.some(({ wanted }) => wanted === 'shown');
      enqueue.assign({ waiters });
      const { operation, wanted } = waiter;
      enqueue(toParent({ type: 'operation.settled', operation, outcome: failed(calledOff) }));
      if (wanted === 'shown' && context.wanted === 'shown' && !isWanted)
        enqueue.assign({ wanted: insteadOfShown(context.state) });
    }),
    settle: enqueueActions(({ context, enqueue }, p: { wanted: Wanted }) => {
      for (const { operation, wanted } of context.waiters) {
        if (wanted !== p.wanted) continue;
        const outcome = succeeded(context.record?.session ?? '');
        enqueue(toParent({ type: 'operation.settled', operation, outcome }));
      }
      enqueue.assign({ waiters: context.waiters.filter(({ wanted }) => wanted !== p.wanted) });
    }),
    fail: enqueueActions(({ context, enqueue }, p: { failure: Failure; wanted?: Wanted }) => {
      const concerned = context.waiters.filter(({ wanted }) => p.wanted === undefined || wanted === p.wanted);
      for (const { operation } of concerned) {
        const outcome = failed(p.failure);
        enqueue(toParent({ type: 'operation.settled', operation, outcome }));
      }
      enqueue.assign({ waiters: context.waiters.filter((waiter) => !concerned.includes(waiter)) });
    }),
    /** At the end: whoever wanted the end got it; what the others wanted cannot be any more. */
    settleAll: enqueueActions(({ context, enqueue }, p: { failure?: Failure }) => {
      const session = context.record?.session ?? '';
      for (const { operation, wanted } of context.waiters) {
        const failure = context.failure ?? p.failure ?? endedFailure(context);
        const outcome = wanted === 'terminated' ? succeeded(session) : failed(failure);
        enqueue(toParent({ type: 'operation.settled', operation, outcome }));
      }
      enqueue.assign({ waiters: [] });
    }),
    forget: assign({
      wanted: ({ context }, p: { wanted: Wanted }) =>
        context.wanted === p.wanted ? undefined : context.wanted,
    }),
    rememberReason: assign({ reason: (_, p: { reason: 'ended' | 'agentGone' }) => p.reason }),
    /** Nothing, of a start that never had a name. */
    reportEnd: enqueueActions(({ context, enqueue }) => {
      if (context.record === undefined) return;
      const isOurs = context.wanted === 'terminated' || hasFailedToStart(context);
      enqueue(
        toParent({
          type: 'fact.reported',
          fact: {
            type: 'session.terminated',
            profile: context.profile,
            session: context.record.session,
            state: 'terminated',
            from: context.state,
            by: isOurs ? 'me' : 'other',
            reason: context.reason,
          },
        }),
      );
    }),
    /** Of an interrupted start that had a name already. */
    reportWithdrawn: enqueueActions(({ context, enqueue }) => {
      const { profile, record, state } = context;
      if (record === undefined) return;
      const { session } = record;
      const about = { profile, session, state: 'terminated', from: state, by: 'me' } as const;
      enqueue(
        toParent({ type: 'fact.reported', fact: { type: 'session.terminated', ...about, reason: 'ended' } }),
      );
    }),
    /** A start that failed after it had a name: why, before its end. */
    reportFailure: enqueueActions(({ context, enqueue }) => {
      const { profile, failure, state } = context;
      if (failure === undefined || !hasFailedToStart(context)) return;
      const about = { profile, ...nameOf(context), state: 'terminated', from: state, by: 'me' } as const;
      enqueue(toParent({ type: 'fact.reported', fact: { type: 'session.failed', ...about, failure } }));
    }),
    want: assign({ wanted: (_, p: { wanted: Wanted | undefined }) => p.wanted }),
    own: enqueueActions(({ context, enqueue, self }) => {
      if (context.ours) return;
      enqueue.assign({ ours: true });
      enqueue(toParent({ type: 'session.owned', actor: self.id, owned: true }));
    }),
    /** Suspended, taken over or gone: it is none of ours any more. */
    disown: enqueueActions(({ context, enqueue, self }, p: { left?: Failure }) => {
      if (!context.ours) return;
      enqueue.assign({ ours: false });
      enqueue(toParent({ type: 'session.owned', actor: self.id, owned: false, ...p }));
    }),
    /** What was still wanted of it here is not fought for. */
    yield: enqueueActions(({ context, enqueue }) => {
      if (context.wanted === 'shown') enqueue.assign({ wanted: undefined });
      for (const { operation, wanted } of context.waiters) {
        if (wanted !== 'shown') continue;
        const outcome = failed(context.failure ?? lapsed);
        enqueue(toParent({ type: 'operation.settled', operation, outcome }));
      }
      enqueue.assign({ waiters: context.waiters.filter(({ wanted }) => wanted !== 'shown') });
    }),
    plan: assign(({ context }, p: { policy: ExitPolicy }) => {
      const wanted = farewell(context, p.policy);
      return { leaving: p.policy, ...(wanted === undefined ? {} : { wanted }) };
    }),
    sayLeft: enqueueActions(({ enqueue, self }, p: { left?: Failure }) => {
      enqueue.assign({ leaving: undefined });
      enqueue(toParent({ type: 'session.left', actor: self.id, ...p }));
    }),
    sayWithdrawn: enqueueActions(({ context, enqueue, self }) => {
      if (context.record === undefined) return;
      const { session } = context.record;
      enqueue(toParent({ type: 'session.withdrawn', actor: self.id, session }));
    }),
    sayNamed: enqueueActions(({ context, enqueue, self }) => {
      const { record } = context;
      if (record) enqueue(toParent({ type: 'session.named', actor: self.id, record }));
    }),
    attach: enqueueActions(({ context, enqueue }) => {
      const { profile, record, presentation } = context;
      if (record?.ports === undefined) return;
      const { session, display, ports } = record;
      enqueue.spawnChild('attachment', {
        id: 'attachment',
        input: { profile, session, display, ports, presentation },
      });
      enqueue.assign({ attached: true, end: undefined });
    }),
    detach: enqueueActions(({ context, enqueue }) => {
      if (context.attached) enqueue.sendTo('attachment', { type: 'attachment.close' });
    }),
    /** It has ended. A finished actor stays among the children until it is stopped. */
    drop: enqueueActions(({ context, enqueue }, p: { end: ProxyEnd; at: number }) => {
      if (context.attached) enqueue.stopChild('attachment');
      enqueue.assign({ attached: false, end: p.end, at: Math.max(context.at, p.at) });
    }),
  },
});

const hasFailedToStart = ({ start, failure }: SessionContext): boolean =>
  start !== undefined && failure !== undefined;

/** PROTOCOL 1.1, step 9: never for shadow or XDMCP. */
const runsCommand = (kind: string): boolean => kind !== 'shadow' && kind !== 'xdmcp';

const timesOf = ({ start, at, phases }: SessionContext) =>
  start === undefined ? {} : { tookMs: Math.max(0, Math.round(at - start.at)), phases };
