import { describe, expect, test } from 'vitest';
import { startEmulator } from '../../src/emulator/index.js';
import { startBannerFlood } from '../support/bannerFlood.js';
import { fastClock } from '../support/fastClock.js';
import { at, everyFlag, guard } from '../support/guard.js';
import { startStallingProxy } from '../support/stallingProxy.js';
import { eventually, pause } from '../support/until.js';

describe.concurrent('a server that cannot be reached', () => {
  test('FAULTS 25: a refused port is tried after 1, 2, 4 ... 30 s, each wait announced and kept', async () => {
    await using server = await startEmulator();
    const speed = 20;
    await server.faults.refuse();
    await using guarded = await guard({ office: server }, { ...everyFlag, clock: fastClock(speed) });
    const { guardian, log } = guarded;
    await log.until('profile.lost', ({ attempt }) => attempt === 8, { within: 15_000 });
    const lost = log.all('profile.lost');
    expect(lost.map(({ failure }) => failure.code)).toEqual(Array(8).fill('ssh.refused'));
    expect(lost.map(({ retryInMs }) => retryInMs)).toEqual([
      1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000,
    ]);
    expect(lost[0]?.failure.message).toBe(`Could not reach 127.0.0.1:${server.port}: nobody listens there`);
    expect(log.all('profile.connecting').map(({ attempt }) => attempt)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    const connecting = log.moments('profile.connecting');
    const waits = log.moments('profile.lost').map((at, n) => ((connecting[n + 1] ?? at) - at) * speed);
    for (const [n, wait] of waits.slice(0, 7).entries()) {
      const planned = lost[n]?.retryInMs ?? 0;
      expect(wait).toBeGreaterThan(planned - 50);
      expect(wait).toBeLessThan(planned + 2_500);
    }
    await eventually('it waits', () => guardian.profiles()[0]?.state === 'waitingToRetry');
    await server.faults.heal();
    await guardian.connect('office');
    expect(server.connectionsAccepted).toBe(1);
  });

  test('FAULTS 24: the waits of many profiles are spread by a fifth to either side', async () => {
    await using server = await startEmulator();
    await server.faults.refuse();
    const waitWith = async (chance: number) => {
      await using guarded = await guard({ office: server }, { chance: () => chance });
      return (await guarded.log.until('profile.lost')).retryInMs;
    };
    expect(await Promise.all([0, 0.25, 0.5, 0.999].map(waitWith))).toEqual([800, 900, 1_000, 1_200]);
  });

  test('FAULTS 25: a line that was stable starts its back-off anew', async () => {
    await using server = await startEmulator();
    await using guarded = await guard(
      { office: server },
      // Traffic enough for a clock on which ssh2's keepalive comes once a minute.
      { ...everyFlag, clock: fastClock(20), refreshInterval: 2_000 },
    );
    const { log } = guarded;
    await log.until('profile.connected');
    await server.faults.refuse();
    await log.until('profile.lost', ({ attempt }) => attempt === 3);
    await server.faults.heal();
    const healed = log.length;
    await log.until('profile.connected', undefined, { after: healed });
    // 30 s of a steady line, on a clock that runs 20 times as fast.
    await pause(1_700);
    expect(log.names().slice(healed)).not.toContain('profile.degraded');
    await server.faults.reset();
    expect(await log.until('profile.lost', undefined, { after: healed })).toMatchObject({ retryInMs: 1_000 });
  });

  test('FAULTS 26: a name nobody knows is tried again like a refused port', async () => {
    await using server = await startEmulator();
    const nowhere = at(server, 22, 'x2go-guardian.invalid');
    await using guarded = await guard({ office: nowhere });
    const { failure, retryInMs } = await guarded.log.until('profile.lost', undefined, { within: 15_000 });
    expect(failure).toMatchObject({ code: 'ssh.unresolved', retryable: true });
    expect(failure.message).toContain('x2go-guardian.invalid:22');
    expect(retryInMs).toBe(1_000);
  });

  test('FAULTS 26: when the name leads elsewhere, the host key is still checked', async () => {
    await using server = await startEmulator({ password: 'secret' });
    await using impostor = await startEmulator({ password: 'secret' });
    const route = { port: server.port };
    await using proxy = await startStallingProxy(route);
    await using guarded = await guard(
      { office: at(server, proxy.port, 'localhost') },
      { ...everyFlag, login: () => ({ password: 'secret' }) },
    );
    const { log } = guarded;
    await log.until('profile.connected');
    route.port = impostor.port;
    proxy.reset();
    const { failure } = await log.until('profile.failed');
    expect(failure).toMatchObject({ code: 'hostKey.changed', retryable: false });
    expect(failure.message).toContain(server.fingerprint);
    expect(failure.message).toContain(impostor.fingerprint);
    expect(impostor.authAttempts).toEqual([]);
  });

  test('FAULTS 29: a connection dropped by MaxStartups is tried again and the message names it', async () => {
    await using server = await startEmulator();
    server.faults.throttle();
    await using guarded = await guard({ office: server });
    const { failure } = await guarded.log.until('profile.lost');
    expect(failure).toMatchObject({ code: 'ssh.throttled', retryable: true });
    expect(failure.message).toContain('MaxStartups');
    await server.faults.heal();
    await guarded.log.until('profile.connected');
  });

  test.each([
    ['without a newline', 'x'.repeat(4_096)],
    ['of lines', `${'x'.repeat(70)}\r\n`.repeat(64)],
  ])('FAULTS 28: a flood %s where the banner should be is cut at 64 KiB', async (_, text) => {
    await using server = await startBannerFlood(text);
    const before = performance.now();
    const nobody = { host: '127.0.0.1', port: server.port, user: 'alice', clientKey: '', hostKey: '' };
    await using guarded = await guard({ office: nobody }, { login: () => ({ password: 'x' }) });
    const { failure } = await guarded.log.until('profile.lost');
    expect(performance.now() - before).toBeLessThan(2_000);
    expect(failure).toMatchObject({ code: 'ssh.handshake', retryable: true });
    await eventually('the line is cut', () => server.connections === 0);
    // What the two sockets hold between them comes on top.
    expect(server.sent()).toBeLessThan(12 * 1024 * 1024);
    if (text.includes('\n')) expect(failure.message).toContain('64 KiB');
  });

  test('something that is no SSH server is told by name', async () => {
    await using server = await startEmulator();
    server.faults.garbleBanner();
    await using guarded = await guard({ office: server }, { clock: fastClock(10) });
    const { failure } = await guarded.log.until('profile.lost');
    expect(['ssh.handshake', 'ssh.timedOut']).toContain(failure.code);
    expect(failure.retryable).toBe(true);
  });
});
