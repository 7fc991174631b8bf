/** What is wanted of a session, and by which calls; each of them is settled once. */
import { assign, enqueueActions, sendParent } from 'xstate';
import type { OperationId, Presentation } from './orders.js';
import type { Outcome } from './ports.js';
import { toParent } from './sessionFrame.js';
import type { Wanted } from './sessionModel.js';
import { withReports } from './sessionReports.js';
import {
  calledOff,
  endedFailure,
  insteadOfShown,
  isUnderWay,
  lapsed,
  refusal,
  superseded,
} from './sessionRules.js';
import type { Failure } from './vocabulary.js';

const succeeded = (value: string): Outcome<string> => ({ ok: true, value });
const failed = (failure: Failure): Outcome<string> => ({ ok: false, failure });

export const withCalls = withReports.extend({
  actions: {
    want: assign({ wanted: (_, p: { wanted: Wanted | undefined }) => p.wanted }),
    forget: assign({
      wanted: ({ context }, p: { wanted: Wanted }) =>
        context.wanted === p.wanted ? undefined : context.wanted,
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
  },
});
