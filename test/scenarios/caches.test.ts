import { describe, expect, test } from 'vitest';
import { startEmulator } from '../../src/emulator/index.js';
import { fastClock } from '../support/fastClock.js';
import { everyFlag, guard } from '../support/guard.js';
import { eventually, pause } from '../support/until.js';

const lists = { autoUpdateListSessionsCache: true, stateWatch: false } as const;

describe.concurrent('a cache', () => {
  test('says how old it is and where it comes from', async () => {
    await using server = await startEmulator();
    const session = server.sessions.start();
    await using guarded = await guard(
      { office: server },
      { ...everyFlag, ...lists, refreshInterval: 60_000 },
    );
    const { guardian, log } = guarded;
    expect(guardian.sessions('office')).toBeUndefined();
    await log.until('cache.refreshed', ({ cache }) => cache === 'sessions');
    const first = guardian.sessions('office');
    expect(first?.source).toBe('listing');
    expect(first?.age).toBeGreaterThanOrEqual(0);
    expect(first?.age).toBeLessThan(1_000);
    expect(first?.value).toMatchObject([{ session, state: 'running', status: 'R' }]);
    expect(first?.value[0]).not.toHaveProperty('cookie');
    await pause(300);
    expect((guardian.sessions('office')?.age ?? 0) - (first?.age ?? 0)).toBeGreaterThanOrEqual(299);
    await eventually('desktops too', () => guardian.desktops('office') !== undefined);
    expect(guardian.desktops('office')).toMatchObject({ source: 'listing', value: [{ user: 'alice' }] });
    server.sessions.addMount(session, '/home/me');
    guardian.refresh('office');
    await eventually('mounts too', () => guardian.mounts('office')?.value.length === 1);
  });

  test('is answered by the watch at a tick, and the sessions grow older with it', async () => {
    await using server = await startEmulator({ now: () => 1_700_000_000_000 });
    server.sessions.start();
    // 20 times as fast: 4 s are a tick of 200 ms.
    await using guarded = await guard(
      { office: server },
      { ...everyFlag, clock: fastClock(20), refreshInterval: 4_000, reconcileInterval: 3_600_000 },
    );
    const { guardian, log } = guarded;
    const before = server.commandsServed.length;
    await log.until('cache.refreshed', ({ source }) => source === 'watch');
    await eventually(
      'some ticks went by',
      () => (guardian.sessions('office')?.value[0]?.ageSeconds ?? 0) >= 12,
    );
    expect(guardian.sessions('office')).toMatchObject({ source: 'watch' });
    expect(guardian.sessions('office')?.age).toBeLessThan(8_000);
    const surveys = server.commandsServed.slice(before).filter((verb) => verb === 'survey');
    // The introduction, and what the first frame of the watch asked for.
    expect(surveys.length).toBeLessThanOrEqual(2);
  });

  test('is listed anew every reconcileInterval although the watch saw nothing', async () => {
    await using server = await startEmulator();
    await using guarded = await guard(
      { office: server },
      { ...everyFlag, refreshInterval: 200, reconcileInterval: 400 },
    );
    const { log } = guarded;
    await log.until('cache.refreshed', ({ source }) => source === 'watch');
    const settled = log.length;
    const isListing = (record: { cache: string; source: string }) =>
      record.cache === 'sessions' && record.source === 'listing';
    await log.until('cache.refreshed', isListing, { after: settled });
    await log.until('cache.refreshed', isListing, { after: log.length });
    expect(log.all('session.registered')).toEqual([]);
  });

  test('is dropped when a listing fails, the line is lost, or the profile disconnects', async () => {
    await using server = await startEmulator();
    await using guarded = await guard({ office: server }, { ...everyFlag, ...lists, refreshInterval: 100 });
    const { guardian, log } = guarded;
    const known = () => [guardian.sessions('office'), guardian.desktops('office'), guardian.mounts('office')];
    const all = () => known().every((reading) => reading !== undefined);
    const none = () => known().every((reading) => reading === undefined);
    await eventually('all are known', all);
    server.faults.fail('x2golistsessions');
    await log.until('cache.failed', ({ cache }) => cache === 'sessions');
    await log.until('cache.failed', ({ cache }) => cache === 'mounts');
    expect([guardian.sessions('office'), guardian.mounts('office')]).toEqual([undefined, undefined]);
    expect(guardian.desktops('office')).toBeDefined();
    await server.faults.heal();
    await eventually('all are known again', all);
    await server.faults.reset();
    await log.until('profile.lost');
    expect(none()).toBe(true);
    await eventually('all are known after the reconnect', all);
    await guardian.disconnect('office');
    expect(none()).toBe(true);
    await log.until('profile.disconnected');
    await eventually('the line is closed', () => server.connections === 0);
    expect(guardian.open.map(({ kind }) => kind)).toEqual(['timer']);
  });

  test('keeps no reader waiting, whatever the server does', async () => {
    await using server = await startEmulator();
    await using guarded = await guard({ office: server }, { ...lists, refreshInterval: 100 });
    const { guardian, log } = guarded;
    await log.until('cache.refreshed');
    server.faults.hang('x2golistsessions');
    await pause(300);
    const before = performance.now();
    for (let n = 0; n < 1_000; n++) guardian.sessions('office');
    expect(performance.now() - before).toBeLessThan(200);
    expect(guardian.sessions('office')?.age).toBeGreaterThan(150);
  });
});
