import { describe, expect, test } from 'vitest';
import { startEmulator } from '../../src/emulator/index.js';
import { everyFlag, guard } from '../support/guard.js';
import { eventually, pause } from '../support/until.js';

const lists = { autoUpdateListSessionsCache: true, stateWatch: false } as const;

describe.concurrent('a listing', () => {
  test('never runs beside another one of the same profile, however often it is wanted', async () => {
    await using server = await startEmulator();
    await using guarded = await guard({ office: server }, { ...lists, refreshInterval: 50 });
    const { guardian, log } = guarded;
    await log.until('profile.connected');
    server.faults.slow('x2golistsessions', 200);
    let most = 0;
    const counting = setInterval(() => {
      most = Math.max(most, server.channels);
    }, 2);
    const before = server.commandsServed.length;
    const started = performance.now();
    while (performance.now() - started < 1_500) {
      guardian.refresh('office');
      await pause(15);
    }
    clearInterval(counting);
    const served = server.commandsServed.length - before;
    expect(most).toBe(1);
    expect(served).toBeGreaterThanOrEqual(4);
    expect(served).toBeLessThanOrEqual(8);
  });

  test('that is wanted while one is on its way follows at once, and once', async () => {
    await using server = await startEmulator();
    await using guarded = await guard({ office: server }, { ...lists, refreshInterval: 60_000 });
    const { guardian, log } = guarded;
    await log.until('cache.refreshed');
    server.faults.slow('x2golistsessions', 100);
    const before = server.commandsServed.length;
    for (let n = 0; n < 20; n++) guardian.refresh('office');
    await eventually('two more came', () => log.all('cache.refreshed').length === 3);
    await pause(400);
    expect(server.commandsServed.slice(before)).toEqual(['survey', 'survey']);
  });

  test('on demand does not wait for the tick', async () => {
    await using server = await startEmulator();
    await using guarded = await guard({ office: server }, { ...lists, refreshInterval: 60_000 });
    const { guardian, log } = guarded;
    await log.until('cache.refreshed');
    const before = performance.now();
    const after = log.length;
    server.sessions.start();
    guardian.refresh('office');
    expect(await log.until('cache.refreshed', undefined, { after })).toMatchObject({
      counts: { sessions: 1 },
    });
    expect(performance.now() - before).toBeLessThan(1_000);
  });

  test.each(['slow', 'hang'] as const)(
    'of sessions is never delayed by one of desktops (%s)',
    async (how) => {
      await using server = await startEmulator();
      if (how === 'slow') server.faults.slow('x2golistdesktops', 1_000);
      else server.faults.hang('x2golistdesktops');
      await using guarded = await guard(
        { office: server },
        { ...everyFlag, ...lists, refreshInterval: 100, timing: { desktopsDeadline: 1_500 } },
      );
      const { guardian, log } = guarded;
      await log.until('profile.connected');
      await pause(900);
      const sessions = log.all('cache.refreshed').filter(({ cache }) => cache === 'sessions');
      expect(sessions.length).toBeGreaterThanOrEqual(7);
      expect(guardian.desktops('office')).toBeUndefined();
      if (how === 'slow') await log.until('cache.refreshed', ({ cache }) => cache === 'desktops');
      else {
        const { failure } = await log.until('cache.failed', ({ cache }) => cache === 'desktops');
        expect(failure.code).toBe('command.timedOut');
      }
    },
  );
});
