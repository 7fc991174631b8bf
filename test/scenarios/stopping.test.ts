import { describe, expect, test } from 'vitest';
import { startEmulator } from '../../src/emulator/index.js';
import { everyFlag, guard } from '../support/guard.js';
import { expectNothingLeft } from '../support/leaks.js';
import { eventually } from '../support/until.js';

describe.concurrent('stop()', () => {
  test('FAULTS 3: force() ends within half a second what would take longer', async () => {
    await using server = await startEmulator();
    await using guarded = await guard({ office: server }, everyFlag);
    const { guardian, log } = guarded;
    await log.until('cache.refreshed', ({ cache }) => cache === 'desktops');
    server.faults.silence();
    const ending = guardian.stop('first');
    const started = performance.now();
    guardian.force();
    const report = await ending;
    expect(performance.now() - started).toBeLessThan(500);
    expect(guardian.open).toEqual([]);
    expect(report.find(({ kind }) => kind === 'transport')).toMatchObject({ outcome: 'forced' });
    expect(report.find(({ kind }) => kind === 'profile')).toMatchObject({ id: 'office', outcome: 'forced' });
    expect(log.all('guardian.terminated')).toHaveLength(1);
    expect(log.all('guardian.terminating')).toMatchObject([{ reason: 'first' }]);
  });

  test('FAULTS 9: a dead server is cut off, and the report says so', async () => {
    await using server = await startEmulator();
    await using guarded = await guard({ office: server }, everyFlag);
    const { guardian, log } = guarded;
    await log.until('cache.refreshed', ({ cache }) => cache === 'desktops');
    server.faults.silence();
    const started = performance.now();
    const report = await guardian.stop();
    const took = performance.now() - started;
    expect(took).toBeLessThan(5_000);
    expect(report).toMatchObject([
      { kind: 'watch', id: 'office', outcome: 'cut' },
      { kind: 'transport', id: 'office', outcome: 'cut' },
      { kind: 'profile', id: 'office' },
    ]);
    for (const { tookMs } of report) expect(tookMs).toBeLessThanOrEqual(Math.ceil(took) + 1);
    await server.faults.heal();
    await expectNothingLeft({ guardian, servers: [server] });
  });

  test('is the same end for all who call it, and leaves the sessions of others as they are', async () => {
    await using server = await startEmulator();
    const session = server.sessions.start();
    await using guarded = await guard({ office: server }, everyFlag);
    const { guardian, log } = guarded;
    await log.until('session.registered');
    const [one, two] = await Promise.all([guardian.stop(), guardian.stop()]);
    expect(one).toBe(two);
    expect(await guardian.stop()).toBe(one);
    expect(log.all('guardian.terminated')).toHaveLength(1);
    expect(server.sessions.get(session)).toMatchObject({ listed: true, state: 'RUNNING', agentAlive: true });
    expect(log.names()).not.toContain('session.terminated');
    await expect(guardian.start()).rejects.toMatchObject({ code: 'guardian.terminated' });
    expect(() => guardian.refresh('office')).toThrow(
      expect.objectContaining({ code: 'guardian.terminated' }),
    );
    expect(() => guardian.addProfile({ id: 'x', host: 'h', user: 'u' })).toThrow(/stopped/);
    await expectNothingLeft({ guardian, servers: [server] });
  });

  test('of a guardian that was never started does nothing', async () => {
    await using server = await startEmulator();
    await using guarded = await guard({ office: server }, { start: false });
    expect(await guarded.guardian.stop()).toEqual([]);
    expect(guarded.log.names()).toEqual([]);
    expect(server.connectionsAccepted).toBe(0);
  });

  test('from within a listener, in the middle of an event, ends everything', async () => {
    await using server = await startEmulator();
    await using guarded = await guard({ office: server }, { ...everyFlag, start: false });
    const { guardian, log } = guarded;
    const ended = new Promise((resolve) => {
      guardian.on('profile.connected', () => resolve(guardian.stop('in a listener')));
    });
    await guardian.start();
    await ended;
    expect(log.names().at(-1)).toBe('guardian.terminated');
    await expectNothingLeft({ guardian, servers: [server] });
  });

  test('rejects who waits for a connection', async () => {
    await using server = await startEmulator();
    server.faults.silence();
    await using guarded = await guard({ office: server });
    const waiting = guarded.guardian.connect('office');
    const refused = expect(waiting).rejects.toMatchObject({ code: 'guardian.terminated' });
    await guarded.guardian.stop();
    await refused;
  });
});

describe.concurrent('a profile', () => {
  test('that is removed closes its line; added again, it is guarded again', async () => {
    await using server = await startEmulator();
    await using guarded = await guard({ office: server, home: server }, everyFlag);
    const { guardian, log } = guarded;
    for (const id of ['office', 'home'])
      await log.until('profile.connected', ({ profile }) => profile === id);
    guardian.removeProfile('home');
    const after = log.length;
    guardian.addProfile({ id: 'home', host: server.host, port: server.port, user: server.user });
    await log.until('profile.connected', ({ profile }) => profile === 'home', { after });
    await eventually('one line each', () => server.connections === 2);
    const attempts = log.all('profile.connecting', after).filter(({ profile }) => profile === 'home');
    expect(attempts).toHaveLength(1);
    expect(guardian.profiles().map(({ profile, state }) => [profile.id, state])).toEqual([
      ['office', 'connected'],
      ['home', 'connected'],
    ]);
    guardian.refresh('home');
    await log.until('cache.refreshed', ({ profile }) => profile === 'home', { after: log.length });
    const report = await guardian.stop();
    expect(
      report
        .filter(({ kind }) => kind === 'transport')
        .map(({ id }) => id)
        .sort(),
    ).toContain('home');
    await expectNothingLeft({ guardian, servers: [server] });
  });

  test('that is removed while it connects leaves nothing', async () => {
    await using server = await startEmulator();
    server.faults.silence();
    await using guarded = await guard({ office: server });
    const { guardian } = guarded;
    await eventually('a connection', () => server.connections === 1);
    guardian.removeProfile('office');
    await eventually('the line is closed', () => guardian.open.length === 0);
    expect(guardian.profiles()).toEqual([]);
    await server.faults.heal();
    await expectNothingLeft({ guardian, servers: [server] });
  });
});
