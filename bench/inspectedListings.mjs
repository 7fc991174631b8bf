// 1,000 sessions of real charts three times: bare, with the tree and histories kept, with a feed beside. Their listings come in
// turns, so that whatever else the machine does meets all three; tells the CPU milliseconds of each. Runs the built package.
import { createActor, fromCallback, fromPromise } from 'xstate';
import {
  defaultTiming,
  guardianMachine,
  profileMachine,
  refreshPlan,
  sessionMachine,
} from '../dist/machines/index.js';
import { Inspection } from '../dist/src/inspection/inspection.js';

const profiles = 5;
const perProfile = 200;
const warming = 25;
const rounds = 30;

/** Every fifth session is suspended or runs again from one listing to the next, on a busy day. */
const sessionsAt = (round) =>
  Array.from({ length: perProfile }, (_, n) => ({
    session: `alice-${n + 50}-1795371806_stRxterm_dp24`,
    kind: 'application',
    user: 'alice',
    command: 'xterm',
    display: n + 50,
    server: 'x2go',
    status: (n + round) % 5 === 0 ? 'S' : 'R',
    client: '192.0.2.7',
    createdAt: '2026-11-22T18:23:26',
    changedAt: (n + round) % 5 === 0 ? `2026-11-22T18:2${round % 10}:30` : '2026-11-22T18:23:30',
    ageSeconds: 14 + round,
    agentPid: 1_000 + n,
    ports: { graphics: 30_000 + n, sound: 31_000 + n, files: 32_000 + n },
  }));

const ok = (value) => ({ at: performance.now(), tookMs: 1, listing: { ok: true, value } });
const turn = () => new Promise((resolve) => setImmediate(resolve));

/** Its ports answer at once. */
function world(isKept) {
  const inspection = new Inspection(
    () => performance.now(),
    (cause) => {
      throw cause;
    },
  );
  let round = 0;
  const beats = new Set();
  const profile = profileMachine.provide({
    actors: {
      session: sessionMachine,
      transport: fromCallback(({ sendBack }) => sendBack({ type: 'ssh.ready' })),
      survey: fromPromise(async () => {
        const sessions = sessionsAt(round);
        const alive = sessions.map(({ agentPid }) => agentPid);
        return ok({ sessions, skipped: [], states: {}, alive, gone: [], mounts: [] });
      }),
      desktops: fromPromise(async () => ok({ desktops: [], skipped: [] })),
      watch: fromCallback(() => undefined),
      metronome: fromCallback(({ sendBack }) => {
        const beat = () => sendBack({ type: 'clock.ticked', at: performance.now() });
        beats.add(beat);
        return () => void beats.delete(beat);
      }),
      release: fromPromise(async () => []),
    },
  });
  const root = createActor(
    guardianMachine.provide({ actors: { profile, release: fromPromise(async () => []) } }),
    {
      id: 'guardian',
      input: {
        profiles: Array.from({ length: profiles }, (_, n) => ({
          id: `p${n}`,
          host: 'h',
          port: 22,
          user: 'alice',
        })),
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
      },
    },
  );
  if (isKept) inspection.watch(root);
  root.start();
  root.send({ type: 'guardian.start' });
  return {
    inspection,
    root,
    async beat() {
      round += 1;
      const began = process.cpuUsage();
      for (const beat of [...beats]) beat();
      await turn();
      await turn();
      const { user, system } = process.cpuUsage(began);
      return (user + system) / 1_000;
    },
  };
}

const [bare, kept, fed] = [world(false), world(true), world(true)];
let lines = 0;
fed.inspection.feed(fed.root, () => {
  lines += 1;
});
const all = [bare, kept, fed];
for (let n = 0; n < warming; n += 1) for (const one of all) await one.beat();
const warm = lines;
const times = all.map(() => []);
for (let n = 0; n < rounds; n += 1) {
  // Whoever comes after another also collects what that one left: each comes first as often.
  for (let step = 0; step < all.length; step += 1) {
    const place = (n + step) % all.length;
    times[place].push(await all[place].beat());
  }
}
const sessions = fed.inspection
  .tree(fed.root)
  .root.children.flatMap(({ children }) => children)
  .filter(({ chart }) => chart === 'session').length;
const [without, observed, withFeed] = times;
console.log(
  JSON.stringify({ sessions, lines: Math.round((lines - warm) / rounds), without, observed, withFeed }),
);
for (const one of all) one.root.stop();
