/** What the profile's chart is made of. In order: its frame, its caches, the registry, its sessions; and here, how it ends. */
import { assign, enqueueActions, sendParent } from 'xstate';
import { leaveTime, leftEntry } from './profileFacts.js';
import { withSessions } from './profileSessions.js';
import type { ReportEntry } from './vocabulary.js';

export const profileSetup = withSessions.extend({
  actions: {
    planEnd: assign((_, p: { ending: 'disconnected' | 'terminating'; at: number | undefined }) => ({
      ending: p.ending,
      ...(p.at === undefined ? {} : { endingAt: p.at, now: p.at }),
    })),
    forgetEnd: assign({ ending: undefined, report: [] }),
    /** The sessions we run are seen to by the exit policy. */
    leaveSessions: enqueueActions(({ context, enqueue }) => {
      const policy = context.onExit ?? 'suspend';
      for (const actor of context.own) enqueue.sendTo(actor, { type: 'session.leave', policy });
    }),
    wantTime: sendParent(({ context }) => ({
      type: 'deadline.wanted',
      profile: context.profile.id,
      left: context.own.map((actor) => leftEntry(context, actor)),
      ms: leaveTime(context) + context.timing.releaseDeadline + 500,
    })),
    /** Whatever is still ours by now was not seen to: whoever reads the report must know. */
    reportLeft: assign({
      report: ({ context }) => [...context.report, ...context.own.map((actor) => leftEntry(context, actor))],
      own: [],
    }),
    addToReport: assign({
      report: ({ context }, p: { report: readonly ReportEntry[] }) => [...context.report, ...p.report],
    }),
  },
});
