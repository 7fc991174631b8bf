import { expect, test } from 'vitest';
import { type AnyActorLogic, createActor, fromCallback, fromPromise } from 'xstate';
import {
  defaultTiming,
  guardianMachine,
  profileMachine,
  refreshPlan,
  type SessionRecord,
  type SurveyAnswer,
  sessionMachine,
} from '../machines/index.js';
import type { FeedLine } from '../src/inspection/feed.js';
import { Inspection } from '../src/inspection/inspection.js';

const profiles = 5;
const perProfile = 200;
const rounds = 80;

/** Every fifth session is suspended or runs again from one listing to the next, on a busy day. */
const sessionsAt = (round: number): SessionRecord[] =>
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

/** 1,000 sessions of real charts over ports that answer at once. */
function world(isKept: boolean) {
  const inspection = new Inspection(
    () => performance.now(),
    (cause) => {
      throw cause;
    },
  );
  let round = 0;
  const beats = new Set<() => void>();
  const profile = profileMachine.provide({
    actors: {
      session: sessionMachine,
      transport: fromCallback(({ sendBack }) => sendBack({ type: 'ssh.ready' })) as never,
      survey: fromPromise(async (): Promise<SurveyAnswer> => {
        const sessions = sessionsAt(round);
        const alive = sessions.map(({ agentPid = 0 }) => agentPid);
        const listing = { sessions, skipped: [], states: {}, alive, gone: [], mounts: [] };
        return { at: performance.now(), tookMs: 1, listing: { ok: true, value: listing } };
      }) as never,
      desktops: fromPromise(async () => ({
        at: performance.now(),
        tookMs: 1,
        listing: { ok: true, value: { desktops: [], skipped: [] } },
      })) as never,
      watch: fromCallback(() => undefined) as never,
      metronome: fromCallback(({ sendBack }) => {
        const beat = () => sendBack({ type: 'clock.ticked', at: performance.now() });
        beats.add(beat);
        return () => void beats.delete(beat);
      }) as never,
      release: fromPromise(async () => []) as never,
    },
  });
  const root = createActor(
    guardianMachine.provide({
      actors: { profile: profile as AnyActorLogic, release: fromPromise(async () => []) as never },
    }),
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
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  return {
    inspection,
    root,
    async beat(): Promise<number> {
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

const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;

test('the feed of 1,000 sessions costs less than a tenth, and what is kept without one less than that', async () => {
  const [bare, kept, fed] = [world(false), world(true), world(true)];
  let lines = 0;
  const kinds: Record<string, number> = {};
  fed.inspection.feed(fed.root, (line: FeedLine) => {
    lines += 1;
    kinds[line.t] = (kinds[line.t] ?? 0) + 1;
  });
  const all = [bare, kept, fed];
  for (let warm = 0; warm < 30; warm += 1) for (const one of all) await one.beat();
  const count = fed.inspection
    .tree(fed.root)
    .root.children.reduce(
      (sum, { children }) => sum + children.filter(({ chart }) => chart === 'session').length,
      0,
    );
  expect(count).toBe(profiles * perProfile);
  const before = lines;
  const times = all.map((): number[] => []);
  for (let n = 0; n < rounds; n += 1) {
    // Whoever comes after another also collects what that one left: each comes first as often.
    for (let turn = 0; turn < all.length; turn += 1) {
      const place = (n + turn) % all.length;
      times[place]?.push((await all[place]?.beat()) ?? 0);
    }
  }
  const [without = 0, observed = 0, withFeed = 0] = times.map(median);
  console.info(
    `CPU time of a listing of ${count} sessions, medians of ${rounds}: ${without.toFixed(2)} ms without inspection, ` +
      `${observed.toFixed(2)} ms with the tree and histories kept (x ${(observed / without).toFixed(3)}), ` +
      `${withFeed.toFixed(2)} ms with a feed of ${Math.round((lines - before) / rounds)} lines each ` +
      `(x ${(withFeed / observed).toFixed(3)} of that); ${JSON.stringify(kinds)}`,
  );
  expect(observed / without).toBeLessThan(1.1);
  expect(withFeed / observed).toBeLessThan(1.1);
  for (const one of all) one.root.stop();
});
