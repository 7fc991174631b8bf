// A guardian of the real charts over 1,000 sessions that no server has: its ports answer at once. Serves the live page of it.
// Runs the built package, in a process of its own, so that the page and the guardian each have a processor.
import { join } from 'node:path';
import { createActor, fromCallback, fromPromise } from 'xstate';
import {
  defaultTiming,
  guardianMachine,
  profileMachine,
  refreshPlan,
  sessionMachine,
} from '../../../dist/machines/index.js';
import { Inspection } from '../../../dist/src/inspection/inspection.js';
import { writeNotice } from '../../../dist/src/inspection/pageNotice.js';
import { servePage } from '../../../dist/src/inspection/pageServer.js';
import { recordOf } from '../../../dist/src/records.js';

const profiles = 5;
const perProfile = 200;
/** How many change from one listing of a profile to the next. */
const changes = 20;
/** From one profile's listing to the next one's. */
const pace = 500;

const ids = Array.from({ length: profiles }, (_, n) => `p${n}`);
const rounds = new Map(ids.map((id) => [id, 0]));

function sessionsOf(profile) {
  const round = rounds.get(profile);
  return Array.from({ length: perProfile }, (_, n) => {
    // Each has its turn to be suspended, and to run again.
    const turns = Math.floor((round * changes + perProfile - n - 1) / perProfile);
    return {
      session: `alice-${n + 50}-1795371806_stRxterm_dp24`,
      kind: 'application',
      user: 'alice',
      command: 'xterm',
      display: n + 50,
      server: profile,
      status: turns % 2 === 0 ? 'R' : 'S',
      client: '192.0.2.7',
      createdAt: '2026-11-22T18:23:26',
      changedAt: `2026-11-22T18:23:${30 + (turns % 30)}`,
      ageSeconds: 14 + round,
      agentPid: 1_000 + n,
      ports: { graphics: 30_000 + n, sound: 31_000 + n, files: 32_000 + n },
    };
  });
}

const ok = (value) => ({ at: performance.now(), tookMs: 1, listing: { ok: true, value } });
const beats = new Map();
const profile = profileMachine.provide({
  actors: {
    session: sessionMachine,
    transport: fromCallback(({ sendBack }) => sendBack({ type: 'ssh.ready' })),
    survey: fromPromise(async ({ input }) => {
      const sessions = sessionsOf(input.profile);
      const alive = sessions.map(({ agentPid }) => agentPid);
      return ok({ sessions, skipped: [], states: {}, alive, gone: [], mounts: [] });
    }),
    desktops: fromPromise(async () => ok({ desktops: [], skipped: [] })),
    watch: fromCallback(() => undefined),
    metronome: fromCallback(({ sendBack, input }) => {
      beats.set(input.profile, () => sendBack({ type: 'clock.ticked', at: performance.now() }));
      return () => void beats.delete(input.profile);
    }),
    release: fromPromise(async () => []),
  },
});

const fail = (cause) => {
  throw cause;
};
const inspection = new Inspection(() => performance.now(), fail);
const root = createActor(
  guardianMachine.provide({ actors: { profile, release: fromPromise(async () => []) } }),
  {
    id: 'guardian',
    input: {
      profiles: ids.map((id) => ({ id, host: `${id}.example.org`, port: 22, user: 'alice' })),
      plan: refreshPlan({
        autoUpdateListSessionsCache: true,
        autoUpdateListDesktopsCache: false,
        autoUpdateListMountsCache: true,
        autoUpdateSessionRegistry: true,
        autoRegisterSessions: true,
        skipPublishedSessions: false,
      }),
      timing: defaultTiming,
      watch: false,
      identify: false,
      connect: true,
      onExit: 'leave',
    },
  },
);
inspection.watch(root);
root.on('*', (fact) => {
  if (fact.type !== 'operation.settled') inspection.told(recordOf(fact));
});
root.start();
root.send({ type: 'guardian.start' });

let lines = 0;
inspection.feed(root, () => void lines++);
const folder = join(import.meta.dirname, '../../../dist/page');
const page = await servePage({
  folder,
  source: {
    tree: () => inspection.tree(root),
    feed: (listener) => inspection.feed(root, listener),
    history: (actor) => inspection.history(actor),
  },
});
const { url, token } = page;
const startedAt = new Date().toISOString();
const takeAway = writeNotice(process.env, {
  v: 1,
  pid: process.pid,
  url,
  token,
  startedAt,
  command: 'watch',
});

let turn = 0;
const beating = setInterval(() => {
  const id = ids[turn++ % profiles];
  rounds.set(id, rounds.get(id) + 1);
  beats.get(id)?.();
}, pace);

process.on('message', async (verb) => {
  if (verb === 'count') process.send({ lines });
  if (verb !== 'still' && verb !== 'end') return;
  clearInterval(beating);
  if (verb === 'still') return process.send({ lines });
  takeAway();
  root.stop();
  await page.close();
  process.disconnect();
});
process.send({ url });
