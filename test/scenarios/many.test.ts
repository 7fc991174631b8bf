import { expect, test } from 'vitest';
import { type Emulator, startEmulator } from '../../src/emulator/index.js';
import { everyFlag, guard } from '../support/guard.js';
import { expectNothingLeft } from '../support/leaks.js';
import { eventually, pause } from '../support/until.js';

const interval = 1_000;

test('50 profiles: each ticks every interval over one transport, and half of them hanging delay no stop()', {
  timeout: 60_000,
}, async () => {
  const names = Array.from({ length: 50 }, (_, n) => `server${n}`);
  const servers = new Map<string, Emulator>();
  for (const name of names) servers.set(name, await startEmulator());
  for (const server of servers.values()) server.sessions.start();
  await using guarded = await guard(Object.fromEntries(servers), { ...everyFlag, refreshInterval: interval });
  const { guardian, log } = guarded;
  await eventually('all are connected', () => log.all('profile.connected').length === 50, 20_000);
  expect(log.all('session.registered')).toHaveLength(50);

  await pause(interval);
  const before = log.length;
  const seconds = 5;
  await pause(seconds * interval);
  const ticks = names.map(
    (name) =>
      log
        .all('cache.refreshed', before)
        .filter(
          ({ profile, cache, source }) => profile === name && cache === 'sessions' && source === 'watch',
        ).length,
  );
  // Beside other tests fifty servers and their clients in one process fall behind.
  expect(Math.min(...ticks)).toBeGreaterThanOrEqual(process.env.LONG ? seconds - 1 : 1);
  expect(Math.max(...ticks)).toBeLessThanOrEqual(seconds + 1);
  for (const server of servers.values()) {
    expect([server.connections, server.connectionsAccepted]).toEqual([1, 1]);
  }

  const hanging = names.filter((_, n) => n % 2 === 0).flatMap((name) => servers.get(name) ?? []);
  for (const server of hanging) server.faults.silence();
  const started = performance.now();
  const report = await guardian.stop();
  const took = performance.now() - started;
  expect(took).toBeLessThan(5_000);
  for (const kind of ['profile', 'transport'] as const) {
    expect(
      report
        .filter((entry) => entry.kind === kind)
        .map(({ id }) => id)
        .sort(),
    ).toEqual(names.toSorted());
  }
  expect(report.filter(({ kind, outcome }) => kind === 'transport' && outcome === 'cut')).toHaveLength(25);
  for (const server of hanging) await server.faults.heal();
  await expectNothingLeft({ guardian, servers: [...servers.values()] });
  await Promise.all([...servers.values()].map((server) => server.stop()));
});

test('two guardians in one process share nothing', async () => {
  await using server = await startEmulator();
  await using one = await guard({ office: server }, everyFlag);
  await using two = await guard({ office: server }, { ...everyFlag, autoRegisterSessions: false });
  for (const { log } of [one, two]) await log.until('cache.refreshed', ({ cache }) => cache === 'desktops');
  expect(server.connections).toBe(2);
  const session = server.sessions.start();
  await one.log.until('session.registered');
  one.guardian.pauseRegistration('office');
  expect(two.log.all('session.registered')).toEqual([]);
  await one.guardian.stop();
  expect(one.guardian.open).toEqual([]);
  const kinds = two.guardian.open.map(({ kind }) => kind);
  expect(kinds).toEqual(expect.arrayContaining(['timer', 'transport', 'watch']));
  await pause(200);
  expect(two.log.names()).not.toContain('profile.lost');
  expect(two.log.names()).not.toContain('guardian.terminating');
  two.guardian.refresh('office');
  await eventually('two goes on', () => two.guardian.sessions('office')?.value[0]?.session === session);
  await eventually('one line is left', () => server.connections === 1);
});
