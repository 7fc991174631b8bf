/** The sessions of a profile: how they begin, what they are called, which of them are ours, and how they go. */
import { assign, enqueueActions } from 'xstate';
import type { OperationId, SessionOrder } from './orders.js';
import { actorOf, actorsOf, doneEntry, leftEntry, sessionOf } from './profileFacts.js';
import { withRegistry } from './profileRegistry.js';
import type { SessionInput } from './session.js';
import type { Fact, Failure, SessionId, SessionRecord } from './vocabulary.js';

export const withSessions = withRegistry.extend({
  actions: {
    startSession: enqueueActions(
      ({ context, enqueue }, p: { operation: OperationId; order: SessionOrder; at: number; up: boolean }) => {
        const { operation, order, at } = p;
        const { recover = true } = context;
        const { orphanAfter } = context.timing;
        const input: SessionInput = {
          profile: context.profile.id,
          by: 'me',
          start: { operation, order, at },
          lineUp: p.up,
          orphanAfter,
          recover,
        };
        enqueue.spawnChild('session', { id: operation, input });
        enqueue.assign({ unnamed: [...context.unnamed, operation], now: Math.max(context.now, at) });
      },
    ),
    nameSession: assign(({ context }, p: { actor: string; record: SessionRecord }) => ({
      unnamed: without(context.unnamed, p.actor),
      fresh: { ...context.fresh, [p.actor]: 0 },
      named: { ...context.named, [p.record.session]: p.actor },
      known: { ...context.known, [p.record.session]: p.record },
      observed: [...context.observed, p.record.session],
    })),
    settleSession: assign({
      fresh: ({ context }, p: { actor: string }) => withoutKey(context.fresh, p.actor),
    }),
    /** Its picture is there. */
    notePicture: enqueueActions(({ context, enqueue }, { fact }: { fact: Fact }) => {
      if (fact.type !== 'session.started' && fact.type !== 'session.resumed') return;
      if (context.pictureless.length === 0) return;
      const actor = actorOf(context, fact.session);
      enqueue.assign({ pictureless: without(context.pictureless, actor) });
    }),
    /** Whatever became of a start: after two ticks it is looked at as any other session. */
    growFresh: assign({
      fresh: ({ context }) =>
        Object.fromEntries(
          Object.entries(context.fresh).flatMap(([actor, ticks]) => (ticks < 1 ? [[actor, ticks + 1]] : [])),
        ),
    }),
    /** Its first name is gone with what it named; a listing that is on its way may still show it. */
    unnameSession: assign(({ context }, p: { actor: string; session: SessionId }) => {
      const { [p.session]: _, ...known } = context.known;
      const { [p.session]: __, ...named } = context.named;
      const unnamed = [...without(context.unnamed, p.actor), p.actor];
      return { known, named, unnamed, ended: [...context.ended, p.session] };
    }),
    noteOwned: assign(({ context }, { actor }: { actor: string }) => {
      const session = sessionOf(context, actor);
      return {
        own: [...without(context.own, actor), actor],
        pictureless: [...without(context.pictureless, actor), actor],
        /** What a listing that is on its way will show of it is older than this. */
        observed: session === undefined ? context.observed : [...context.observed, session],
      };
    }),
    /** Released, seen to, or gone: it is none of ours. */
    noteLeft: assign(({ context }, { actor, left }: { actor: string; left: Failure | undefined }) => {
      if (!context.own.includes(actor)) return {};
      const entry = left === undefined ? doneEntry(context, actor) : leftEntry(context, actor, left.message);
      const session = sessionOf(context, actor);
      return {
        own: without(context.own, actor),
        fresh: withoutKey(context.fresh, actor),
        pictureless: without(context.pictureless, actor),
        observed: session === undefined ? context.observed : [...context.observed, session],
        ...(context.ending ? { report: [...context.report, entry] } : {}),
      };
    }),
    /** A session that ended, or crashed: its actor goes, and it is not registered again while it is still listed. */
    forgetSession: enqueueActions(({ context, enqueue }, p: { actor: string }) => {
      const session = sessionOf(context, p.actor);
      if (session === undefined && !context.unnamed.includes(p.actor)) return;
      enqueue.stopChild(p.actor);
      enqueue.assign({
        own: without(context.own, p.actor),
        unnamed: without(context.unnamed, p.actor),
        fresh: withoutKey(context.fresh, p.actor),
        pictureless: without(context.pictureless, p.actor),
      });
      if (context.ending && context.own.includes(p.actor))
        enqueue.assign({
          report: [...context.report, leftEntry(context, p.actor, 'its chart crashed: see the log')],
        });
      if (session === undefined) return;
      const { [session]: _, ...known } = context.known;
      const { [session]: __, ...named } = context.named;
      enqueue.assign({ known, named, ended: [...context.ended, session] });
    }),
    /** Every session learns how the line is; those we run do something about it. */
    announceLine: enqueueActions(({ context, enqueue }, p: { up: boolean }) => {
      for (const actor of actorsOf(context)) enqueue.sendTo(actor, { type: p.up ? 'line.up' : 'line.lost' });
      // What a new line shows is looked at at once.
      if (!p.up) enqueue.assign({ fresh: {} });
    }),
    /** No line will come by itself: who waits for one is told why. */
    denyLine: enqueueActions(({ context, enqueue }, p: { failure: Failure }) => {
      for (const actor of actorsOf(context))
        enqueue.sendTo(actor, { type: 'line.denied', failure: p.failure });
    }),
  },
});

const withoutKey = (ages: Readonly<Record<string, number>>, actor: string) => {
  const { [actor]: _, ...others } = ages;
  return others;
};
const without = (actors: readonly string[], actor: string) => actors.filter((other) => other !== actor);
