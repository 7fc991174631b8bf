/** What a session tells of itself. */
import { enqueueActions, sendParent } from 'xstate';
import { frame, toParent } from './sessionFrame.js';
import type { SessionContext } from './sessionModel.js';
import {
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

const detailsOf = (record: SessionRecord): SessionDetails => {
  const { kind, command, display, server, client, createdAt, changedAt, ageSeconds } = record;
  return { kind, command, display, server, client, createdAt, changedAt, ageSeconds };
};

const nameOf = ({ record }: SessionContext) => (record === undefined ? {} : { session: record.session });

export const withReports = frame.extend({
  actions: {
    passOn: sendParent((_, p: { fact: Fact }) => ({ type: 'fact.reported', fact: p.fact })),
    askAround: sendParent({ type: 'refresh.wanted' }),
    saySettled: sendParent(({ self }) => ({ type: 'session.settled', actor: self.id })),
    report: enqueueActions(({ context, enqueue }, p: Report) => {
      // A resume that came to nothing leaves it as it was told to be.
      if (p.type === 'session.suspended' && context.told === p.state) return;
      enqueue.assign({ told: p.state });
      enqueue(toParent({ type: 'fact.reported', fact: factOf(context, p) }));
    }),
    /** Seen as it was not told last: listed again after it had not been, or after what was done to it showed nothing. */
    reportSeen: enqueueActions(({ context, enqueue }, p: { state: 'running' | 'suspended' }) => {
      const type = newsOf(context.told, p.state);
      if (type === undefined) return;
      enqueue.assign({ told: p.state });
      enqueue(toParent({ type: 'fact.reported', fact: factOf(context, { type, state: p.state }) }));
    }),
    reportOrphan: enqueueActions(({ context, enqueue }) => {
      const failure: Failure = {
        code: 'session.orphaned',
        message: `${context.record?.session} is no longer listed but its agent lives on; end it on the server`,
        retryable: false,
      };
      enqueue.assign({ told: 'faulty' });
      const fact = factOf(context, { type: 'session.failed', state: 'faulty', failure });
      enqueue(toParent({ type: 'fact.reported', fact }));
    }),
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
    /** A start that failed after it had a name: why, before its end. */
    reportFailure: enqueueActions(({ context, enqueue }) => {
      const { profile, failure } = context;
      if (failure === undefined || !hasFailedToStart(context)) return;
      const from = fromOf(context);
      const about = { profile, ...nameOf(context), state: 'terminated', from, by: 'me' } as const;
      enqueue(toParent({ type: 'fact.reported', fact: { type: 'session.failed', ...about, failure } }));
    }),
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
            from: fromOf(context),
            by: isOurs ? 'me' : 'other',
            reason: context.reason,
          },
        }),
      );
    }),
    /** Of an interrupted start that had a name already. */
    reportWithdrawn: enqueueActions(({ context, enqueue }) => {
      const { profile, record } = context;
      if (record === undefined) return;
      const { session } = record;
      const about = { profile, session, state: 'terminated', from: fromOf(context), by: 'me' } as const;
      enqueue(
        toParent({ type: 'fact.reported', fact: { type: 'session.terminated', ...about, reason: 'ended' } }),
      );
    }),
  },
});

/** On their way sessions are without an event of it; where they stay they are as was told last. */
const onTheirWay: ReadonlySet<SessionTag> = new Set(['starting', 'resuming', 'suspending', 'terminating']);
const fromOf = ({ state, told }: SessionContext): SessionTag =>
  onTheirWay.has(state) ? state : (told ?? state);

const newsOf = (told: SessionTag | undefined, state: 'running' | 'suspended') => {
  if (told === state) return undefined;
  if (state === 'suspended') return 'session.suspended';
  return told === 'starting' ? 'session.started' : 'session.resumed';
};

const factOf = (context: SessionContext, report: Report) =>
  ({
    ...report,
    profile: context.profile,
    ...nameOf(context),
    from: report.from ?? fromOf(context),
    by: report.by ?? context.by,
    ...(report.type === 'session.registered' && context.record ? detailsOf(context.record) : {}),
    ...(report.type === 'session.started' && context.ours ? timesOf(context) : {}),
    ...(report.type === 'session.suspended' && report.by === 'me' && context.failure
      ? { failure: context.failure }
      : {}),
  }) as unknown as Fact;

const hasFailedToStart = ({ start, failure }: SessionContext): boolean =>
  start !== undefined && failure !== undefined;

const timesOf = ({ start, at, phases }: SessionContext) =>
  start === undefined ? {} : { tookMs: Math.max(0, Math.round(at - start.at)), phases };
