/** What a profile does with its caches: listings and the state watch fill them, a lost line empties them. */
import { assign, enqueueActions } from 'xstate';
import type { DesktopsAnswer, SurveyAnswer } from './ports.js';
import { agentsOf, cacheFailed, cacheRefreshed, countByStatus } from './profileFacts.js';
import { frame, settling, telling } from './profileFrame.js';
import { grownOlder, withStates } from './registry.js';

export const withCaches = frame.extend({
  actions: {
    dropCaches: assign({
      sessions: undefined,
      desktops: undefined,
      mounts: undefined,
      refreshAgain: false,
      unsettled: false,
      lean: false,
    }),
    rememberRefresh: assign({ refreshAgain: true, lean: false }),
    wantShadows: assign({ lean: false }),
    /**
     * A quiet minute needs shadow sessions only every other time, where it is known that there is none: x2golistshadowsessions costs the server as much
     * again as x2golistsessions, and one of the user's own desktop shows in the state watch.
     */
    alternateShadows: assign({
      lean: ({ context }) =>
        !context.lean && context.sessions?.value.every(({ kind }) => kind !== 'shadow') === true,
    }),
    forgetRefresh: assign({ refreshAgain: false, observed: [] }),
    /** What was seen on an earlier line is older than the first listing on this one. */
    forgetObserved: assign({ observed: [] }),
    cacheListing: enqueueActions(({ context, enqueue }, p: { answer: SurveyAnswer }) => {
      const { at, tookMs, listing } = p.answer;
      if (listing === undefined) return;
      if (!listing.ok) {
        enqueue.assign({ sessions: undefined, mounts: undefined, asked: [] });
        for (const { operation } of context.asked)
          enqueue(settling(operation, { ok: false, failure: listing.failure }));
        enqueue(telling(cacheFailed(context, 'sessions', listing.failure)));
        if (context.plan.listMounts) enqueue(telling(cacheFailed(context, 'mounts', listing.failure)));
        return;
      }
      const { sessions, skipped, mounts } = listing.value;
      const cost = { tookMs, skippedRows: skipped.length };
      enqueue.assign({ sessions: { value: withStates(listing.value), at, source: 'listing' } });
      enqueue(telling(cacheRefreshed(context, 'sessions', 'listing', countByStatus(sessions), cost)));
      if (mounts) {
        enqueue.assign({ mounts: { value: mounts, at, source: 'listing' } });
        enqueue(telling(cacheRefreshed(context, 'mounts', 'listing', { mounts: mounts.length }, cost)));
      }
    }),
    answerFromWatch: enqueueActions(({ context, enqueue }, p: { at: number }) => {
      if (context.sessions === undefined) return;
      const value = grownOlder(context.sessions.value, p.at - context.sessions.at);
      enqueue.assign({ sessions: { value, at: p.at, source: 'watch' } });
      const free = { tookMs: 0, skippedRows: 0 };
      enqueue(telling(cacheRefreshed(context, 'sessions', 'watch', countByStatus(value), free)));
    }),
    watchOpened: enqueueActions(({ context, enqueue }) => {
      enqueue.assign({ watchLive: true });
      enqueue.sendTo('watch', { type: 'watch.agents', agents: agentsOf(context.known) });
    }),
    watchClosed: assign({ watchLive: false }),
    cacheDesktops: enqueueActions(({ context, enqueue }, p: { answer: DesktopsAnswer }) => {
      const { at, tookMs, listing } = p.answer;
      if (!listing.ok) {
        enqueue.assign({ desktops: undefined });
        enqueue(telling(cacheFailed(context, 'desktops', listing.failure)));
        return;
      }
      const { desktops, skipped } = listing.value;
      enqueue.assign({ desktops: { value: desktops, at, source: 'listing' } });
      const cost = { tookMs, skippedRows: skipped.length };
      enqueue(telling(cacheRefreshed(context, 'desktops', 'listing', { desktops: desktops.length }, cost)));
    }),
  },
});
