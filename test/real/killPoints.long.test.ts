import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Session } from '../../src/index.js';
import { endAllSessions, leftHere, orphans } from '../support/aftermath.js';
import { describeReal } from '../support/describeReal.js';
import { type Guarded, id } from '../support/guarded.js';
import { census, surplus } from '../support/leaks.js';
import { type OtherClient, startOtherClient } from '../support/otherClient.js';
import { soon } from '../support/real/bounds.js';
import { type RealServer, startRealServer } from '../support/realServer.js';
import { type Stage, setStage } from '../support/showing.js';

const points = 50;
const fewPoints = 10;
const order = { kind: 'application', command: 'xterm', sound: false } as const;
/** A start in the middle is waited for, and taken back: 5 s on a quiet server, as long as that takes on a busy one. */
const longestStop = (startMs: number) => (startMs < 5_000 ? soon(12_000) : 25_000);
const enoughMs = 9_500;

describeReal('a guardian that is told to stop in the middle of', () => {
  let server: RealServer;
  let stage: Stage;
  let client: OtherClient;

  beforeAll(async () => {
    server = await startRealServer();
    stage = await setStage(server);
    client = await startOtherClient(server);
  });
  afterAll(async () => {
    await client?.stop();
    await stage?.stop();
    await server?.stop();
  });
  afterEach(() => endAllSessions(server, client));

  /** What a start takes here and now. */
  let startMs = 0;

  interface Stop {
    readonly atMs: number;
    readonly tookMs: number;
    /** When the server had no orphan any more, after stop(). */
    readonly goneIn: number | undefined;
    readonly state: string;
    readonly outcome: string;
    readonly wrong: readonly string[];
  }
  const whenNoOrphans = async (withinMs: number): Promise<number | undefined> => {
    const began = performance.now();
    do {
      if ((await orphans(server, client)).length === 0) return Math.round(performance.now() - began);
    } while (performance.now() - began < withinMs);
    return undefined;
  };
  /** Stops it, and looks at what is left: here at once, on the server as it is then too. */
  const stopAt = async (guarded: Guarded, atMs: number, ask: () => Promise<unknown>): Promise<Stop> => {
    const { guardian } = guarded;
    const before = census();
    const done = ask();
    const outcome = done.then(
      () => 'resolved',
      (cause) => String(cause?.code ?? cause),
    );
    await pause(atMs);
    const last = guarded.seen.findLast(({ record }) => record.event.startsWith('session.'))?.record;
    const state =
      last === undefined ? 'nothing yet' : 'phase' in last ? `${last.event} ${last.phase}` : last.event;
    const began = performance.now();
    const report = await guardian.stop('SIGTERM');
    const tookMs = Math.round(performance.now() - began);
    const open = guardian.open.map(({ kind, id: name }) => `${kind} ${name}`);
    const left = leftHere(stage);
    const late = tookMs > longestStop(startMs) ? [`stop() took ${tookMs} ms`] : [];
    const unclean = report.filter((entry) => entry.outcome !== 'closed');
    // What the server did not finish in time is named in the report, and taken back there without us.
    const named = unclean.some(({ kind, outcome: how }) => kind === 'session' && how === 'failed');
    const goneIn = await whenNoOrphans(named && tookMs > enoughMs ? 30_000 : 0);
    // A timer that rang is destroyed a turn later: by now those have gone.
    const timers = surplus(before).filter((kind) => kind.endsWith('Timeout'));
    const surprising = named && tookMs > enoughMs ? [] : unclean.map((entry) => JSON.stringify(entry));
    const alive = goneIn === undefined ? await orphans(server, client) : [];
    const wrong = [...open, ...left, ...late, ...surprising, ...alive, ...timers];
    if (wrong.length > 0) guarded.tell();
    return { atMs, tookMs, goneIn, state, outcome: await outcome, wrong };
  };
  const tell = (what: string, stops: readonly Stop[]) => {
    const lines = stops.map(
      ({ atMs, tookMs, goneIn, state, outcome, wrong }) =>
        `${what} + ${atMs} ms (${state}): stopped in ${tookMs} ms, no orphan ${goneIn} ms later, ${outcome}${wrong.map((each) => `\n  ${each}`).join('')}`,
    );
    console.log(lines.join('\n'));
  };
  const spread = (count: number, overMs: number) =>
    Array.from({ length: count }, (_, n) => Math.round(((n + 0.5) * overMs) / count));
  const wrongIn = (stops: readonly Stop[]) => stops.filter(({ wrong }) => wrong.length > 0);

  /** A session that stands, and its guardian. */
  const begin = async (): Promise<{ guarded: Guarded; session: Session }> => {
    const guarded = stage.guard();
    await guarded.guardian.start();
    try {
      return { guarded, session: await guarded.guardian.startSession(id, order) };
    } catch (cause) {
      await guarded.guardian.stop();
      throw cause;
    }
  };

  test(`FAULTS 7: a start, at ${points} points, leaves no orphan`, { timeout: 900_000 }, async () => {
    const began = performance.now();
    const { guarded } = await begin();
    startMs = performance.now() - began;
    await guarded.guardian.stop();
    await endAllSessions(server, client);
    const stops: Stop[] = [];
    for (const atMs of spread(points, startMs)) {
      const interrupted = stage.guard();
      await interrupted.guardian.start();
      stops.push(await stopAt(interrupted, atMs, () => interrupted.guardian.startSession(id, order)));
      await endAllSessions(server, client);
    }
    tell(`a start of ${Math.round(startMs)} ms`, stops);
    expect(wrongIn(stops)).toEqual([]);
  });

  test(`FAULTS 8: a suspension, at ${fewPoints} points, leaves it suspended`, {
    timeout: 600_000,
  }, async () => {
    const stops: Stop[] = [];
    for (const atMs of spread(fewPoints, 2_000)) {
      const { guarded, session } = await begin();
      stops.push(await stopAt(guarded, atMs, () => session.suspend()));
      expect((await client.list()).map((row) => row.split('|')[4])).toEqual(['S']);
      await endAllSessions(server, client);
    }
    tell('a suspension', stops);
    expect(wrongIn(stops)).toEqual([]);
  });

  test(`a resume, at ${fewPoints} points, leaves it suspended`, { timeout: 600_000 }, async () => {
    const { guarded, session } = await begin();
    await session.suspend();
    await guarded.guardian.stop();
    const stops: Stop[] = [];
    for (const atMs of spread(fewPoints, 4_000)) {
      const interrupted = stage.guard();
      await interrupted.guardian.start();
      stops.push(await stopAt(interrupted, atMs, () => interrupted.guardian.resumeSession(id, session.id)));
      expect((await client.list()).map((row) => row.split('|')[4])).toEqual(['S']);
    }
    tell('a resume', stops);
    expect(wrongIn(stops)).toEqual([]);
  });
});
