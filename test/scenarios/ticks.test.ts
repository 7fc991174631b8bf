import { describe, expect, test } from 'vitest';
import type { Clock } from '../../src/clock.js';
import { type Emulator, startEmulator } from '../../src/emulator/index.js';
import type { EventLog } from '../support/eventLog.js';
import { guard } from '../support/guard.js';
import { pause } from '../support/until.js';

const interval = 100;
const lists = { autoUpdateListSessionsCache: true, stateWatch: false, refreshInterval: interval } as const;

/** The moments at which listings began. */
const beginnings = (log: EventLog, profile: string) =>
  log.seen.flatMap(({ record, at }) =>
    record.event === 'cache.refreshed' && record.profile === profile ? [at - record.tookMs] : [],
  );

/** How far a moment is from the nearest one of a grid that begins at `start`. */
const offGrid = (moment: number, start: number) => {
  const phase = (((moment - start) % interval) + interval) % interval;
  return Math.min(phase, interval - phase);
};

/** A clock whose every timer rings 12 ms late: what is added up by a beat that drifts. */
const lateClock: Clock = {
  now: () => performance.now(),
  setTimeout: (fn, ms) => setTimeout(fn, ms + 12),
  clearTimeout: (id) => clearTimeout(id as NodeJS.Timeout),
};

describe('the tick', () => {
  test('comes every interval, exactly: 20 late timers do not add up', async () => {
    await using server = await startEmulator();
    await using guarded = await guard({ office: server }, { ...lists, clock: lateClock });
    const { log } = guarded;
    await log.until('profile.connected');
    await pause(2_500);
    // The first is the introduction, at no tick.
    const ticks = beginnings(log, 'office').slice(1);
    expect(ticks.length).toBeGreaterThanOrEqual(21);
    const [start = 0] = ticks;
    const twenty = ticks.slice(1, 21);
    const errors = twenty.map((moment) => offGrid(moment, start));
    // Without an allowance for the lateness of every timer the twentieth would be 240 ms off.
    expect(errors.toSorted((a, b) => a - b)[10]).toBeLessThan(15);
    expect((twenty.at(-1) ?? 0) - start).toBeGreaterThan(20 * interval - 40);
    expect((twenty.at(-1) ?? 0) - start).toBeLessThan(20 * interval + 45);
  });

  test('of one profile waits for no other, and each has its own place in the interval', async () => {
    await using slow = await startEmulator();
    await using quick = await startEmulator();
    const servers: Record<string, Emulator> = { slow, quick };
    await using guarded = await guard(servers, lists);
    const { log } = guarded;
    await log.until('profile.connected', ({ profile }) => profile === 'slow');
    await log.until('profile.connected', ({ profile }) => profile === 'quick');
    slow.faults.hang('x2golistsessions');
    const after = performance.now();
    await pause(1_500);
    const ticks = beginnings(log, 'quick').filter((moment) => moment > after);
    expect(ticks.length).toBeGreaterThanOrEqual(13);
    expect(beginnings(log, 'slow').filter((moment) => moment > after).length).toBeLessThanOrEqual(1);
  });

  test.each([86_400_000, -86_400_000])(
    'FAULTS 47: a wall clock that jumps by %i ms makes no tick early or late',
    async (jump) => {
      await using server = await startEmulator();
      await using guarded = await guard({ office: server }, lists);
      const { log } = guarded;
      await log.until('cache.refreshed');
      await pause(500);
      const wall = Date.now;
      const before = performance.now();
      const seen = log.length;
      Date.now = () => wall() + jump;
      try {
        await pause(1_000);
      } finally {
        Date.now = wall;
      }
      const due = (performance.now() - before) / interval;
      const ticks = beginnings(log, 'office');
      const start = ticks[1] ?? 0;
      const after = ticks.filter((moment) => moment > before);
      expect(after.length).toBeGreaterThanOrEqual(Math.floor(due) - 1);
      expect(after.length).toBeLessThanOrEqual(Math.ceil(due) + 1);
      expect(after.map((moment) => offGrid(moment, start)).toSorted((a, b) => a - b)[5]).toBeLessThan(20);
      expect(log.names().slice(seen)).not.toContain('profile.lost');
    },
  );

  test('FAULTS 47: a wall clock that jumps ends no wait early', async () => {
    await using server = await startEmulator();
    await server.faults.refuse();
    await using guarded = await guard({ office: server }, lists);
    const { log } = guarded;
    await log.until('profile.lost', ({ attempt }) => attempt === 2);
    const [, lost = 0] = log.moments('profile.lost');
    const wall = Date.now;
    Date.now = () => wall() + 86_400_000;
    try {
      await log.until('profile.connecting', ({ attempt }) => attempt === 3);
    } finally {
      Date.now = wall;
    }
    const again = log.moments('profile.connecting')[2] ?? 0;
    expect(again - lost).toBeGreaterThan(1_990);
    expect(again - lost).toBeLessThan(2_500);
  });
});
