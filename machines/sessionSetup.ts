/** What a session's chart is made of. In order: its frame, its reports, its calls; and here, whose it is and what shows it. */
import { assign, enqueueActions } from 'xstate';
import type { ExitPolicy } from './orders.js';
import { withCalls } from './sessionCalls.js';
import { toParent } from './sessionFrame.js';
import type { ProxyEnd } from './sessionPorts.js';
import { farewell } from './sessionRules.js';
import type { Failure } from './vocabulary.js';

export const sessionSetup = withCalls.extend({
  actions: {
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
    sayNamed: enqueueActions(({ context, enqueue, self }) => {
      const { record } = context;
      if (record) enqueue(toParent({ type: 'session.named', actor: self.id, record }));
    }),
    sayWithdrawn: enqueueActions(({ context, enqueue, self }) => {
      if (context.record === undefined) return;
      const { session } = context.record;
      enqueue(toParent({ type: 'session.withdrawn', actor: self.id, session }));
    }),
    plan: assign(({ context }, p: { policy: ExitPolicy }) => {
      const wanted = farewell(context, p.policy);
      return { leaving: p.policy, ...(wanted === undefined ? {} : { wanted }) };
    }),
    sayLeft: enqueueActions(({ enqueue, self }, p: { left?: Failure }) => {
      enqueue.assign({ leaving: undefined });
      enqueue(toParent({ type: 'session.left', actor: self.id, ...p }));
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
