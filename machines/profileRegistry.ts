/** What the server showed, told to the sessions that are registered; and what is asked of them. */
import { enqueueActions } from 'xstate';
import type { OperationId } from './orders.js';
import type { SurveyAnswer } from './ports.js';
import { withCaches } from './profileCaches.js';
import { actorOf, actorsOf, agentsOf, unknownSession } from './profileFacts.js';
import { settling } from './profileFrame.js';
import type { AskedSession } from './profileModel.js';
import { evidenceOfState, reconcile, unlistedIn, withoutOvertaken } from './registry.js';
import type { SessionInput } from './session.js';
import { calledOff } from './sessionRules.js';
import type { AgentState, Failure, SessionId, SessionRecord } from './vocabulary.js';

export const withRegistry = withCaches.extend({
  actions: {
    /** What a listing means for the sessions: new ones get an actor, all hear what the server showed of them. */
    reconcileRegistry: enqueueActions(({ context, enqueue }, p: { answer: SurveyAnswer }) => {
      const { listing, at } = p.answer;
      if (!listing?.ok) return;
      enqueue.assign({ listed: true, now: Math.max(context.now, at) });
      const wanted = context.asked.map(({ session }) => session);
      const isFollowing = context.own.length > 0 || Object.keys(context.known).length > 0;
      if (!context.plan.updateRegistry && !isFollowing && wanted.length === 0) return;
      const { registered, evidence, known, ended, undecided, unsettled } = reconcile(context, listing.value, {
        register: context.plan.register && context.registering,
        skipPublished: context.plan.skipPublished,
        wanted,
        expecting: context.unnamed.length > 0,
      });
      const { orphanAfter } = context.timing;
      for (const record of registered) {
        const by = context.listed ? 'other' : 'found';
        const { recover = true } = context;
        const input: SessionInput = {
          profile: context.profile.id,
          record,
          by,
          orphanAfter,
          lineUp: true,
          recover,
        };
        enqueue.spawnChild('session', { id: record.session, input });
      }
      enqueue.assign({ known, ended, unsettled, unlisted: unlistedIn(evidence) });
      for (const [session, record] of Object.entries(known)) {
        const before = context.known[session];
        if (before && isNewer(record, before))
          enqueue.sendTo(actorOf(context, session), { type: 'session.listed', record });
      }
      const gone: SessionId[] = [];
      for (const [session, seen] of withoutOvertaken(evidence, context.observed)) {
        enqueue.sendTo(actorOf(context, session), seen);
        if (seen.type === 'server.gone') gone.push(session);
      }
      if (context.watchLive) enqueue.sendTo('watch', { type: 'watch.agents', agents: agentsOf(known) });
      for (const { session, operation, ...rest } of context.asked) {
        if (undecided.includes(session)) continue;
        // One that is gone hears it, ends, and answers nobody any more.
        if (known[session] && !gone.includes(session))
          enqueue.sendTo(actorOf(context, session), { type: 'session.ask', operation, ...rest });
        else enqueue(settling(operation, { ok: false, failure: unknownSession(session) }));
      }
      enqueue.assign({ asked: context.asked.filter(({ session }) => undecided.includes(session)) });
    }),
    /** A frame of the state watch: what the agents do now. What exists is for the next listing to say. */
    observe: enqueueActions(
      ({ context, enqueue }, p: { states: Readonly<Record<SessionId, AgentState>> }) => {
        const { known, unlisted, observed } = context;
        // The file of an agent that outlived its session still says what it said: only a listing brings that one back.
        const observable = Object.entries(p.states).filter(
          ([session]) => known[session] && !unlisted.includes(session),
        );
        for (const [session, state] of observable) {
          const seen = evidenceOfState(state);
          if (seen) enqueue.sendTo(actorOf(context, session), seen);
        }
        enqueue.assign({ observed: [...new Set([...observed, ...observable.map(([session]) => session)])] });
      },
    ),
    /** To the actor of the session, or, where nobody has looked yet, to whoever looks next. */
    request: enqueueActions(({ context, enqueue }, p: { asked: AskedSession }) => {
      const { session, operation, wanted, presentation } = p.asked;
      if (context.known[session] === undefined) enqueue.assign({ asked: [...context.asked, p.asked] });
      else {
        const more = presentation === undefined ? {} : { presentation };
        enqueue.sendTo(actorOf(context, session), { type: 'session.ask', operation, wanted, ...more });
      }
    }),
    /** Without a listing nobody knows whether the sessions that were asked for exist. */
    refuseAsked: enqueueActions(({ context, enqueue }, p: { failure: Failure }) => {
      for (const { operation } of context.asked)
        enqueue(settling(operation, { ok: false, failure: p.failure }));
      enqueue.assign({ asked: [] });
    }),
    abandon: enqueueActions(({ context, enqueue }, p: { operation: OperationId }) => {
      const { operation } = p;
      if (context.asked.some((asked) => asked.operation === operation)) {
        enqueue.assign({ asked: context.asked.filter((asked) => asked.operation !== operation) });
        enqueue(settling(operation, { ok: false, failure: calledOff }));
      }
      for (const actor of actorsOf(context)) {
        enqueue.sendTo(actor, { type: 'operation.abandon', operation });
      }
    }),
  },
});

/** A listing of sessions with the same answer tells nothing new. */
const isNewer = (record: SessionRecord, before: SessionRecord): boolean =>
  record.changedAt !== before.changedAt ||
  record.agentPid !== before.agentPid ||
  record.ports?.graphics !== before.ports?.graphics;
