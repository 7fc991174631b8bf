import { describe, expect, test } from 'vitest';
import { startEmulator } from '../../src/emulator/index.js';
import { at, everyFlag, guard } from '../support/guard.js';
import { startStallingProxy } from '../support/stallingProxy.js';
import { eventually, pause } from '../support/until.js';

/** A line that is silent for 5 s is degraded, by 15 s it is lost: with some room for a busy machine. */
const busy = 700;

// Real seconds, for ssh2's keepalive knows no other clock; all of them at once.
describe.concurrent('a line that falls silent', () => {
  test('FAULTS 20: a black hole with ACKs is degraded at 5 s and lost by 15 s', {
    timeout: 40_000,
  }, async () => {
    await using server = await startEmulator();
    await using proxy = await startStallingProxy(server);
    const session = server.sessions.start();
    await using guarded = await guard({ office: at(server, proxy.port) }, everyFlag);
    const { guardian, log } = guarded;
    await log.until('session.registered');
    const before = performance.now();
    proxy.swallow();
    await log.until('profile.degraded');
    const { failure } = await log.until('profile.lost', undefined, { within: 20_000 });
    expect(failure.code).toBe('ssh.silent');
    const [degraded = 0] = log.moments('profile.degraded');
    const [lost = 0] = log.moments('profile.lost');
    expect(degraded - before).toBeGreaterThan(4_000);
    expect(degraded - before).toBeLessThan(5_000 + busy);
    expect(lost - before).toBeLessThan(15_000 + busy);
    expect(proxy.swallowed).toBeGreaterThan(0);
    expect(guardian.sessions('office')).toBeUndefined();
    proxy.heal();
    await log.until('profile.connected', ({ from }) => from === 'connecting', { after: log.length });
    // No session event is invented: the session is as it was.
    expect(log.names().filter((name) => name.startsWith('session.'))).toEqual(['session.registered']);
    expect(server.sessions.get(session).listed).toBe(true);
    await eventually('one transport is left', () => proxy.open === 1);
  });

  test.each(['up', 'down'] as const)(
    'FAULTS 21: loss in one direction (%s) is noticed as quickly',
    { timeout: 40_000 },
    async (direction) => {
      await using server = await startEmulator();
      await using proxy = await startStallingProxy(server);
      await using guarded = await guard({ office: at(server, proxy.port) }, everyFlag);
      const { log } = guarded;
      await log.until('profile.connected');
      const before = performance.now();
      proxy.swallow(direction);
      await log.until('profile.lost', undefined, { within: 20_000 });
      const [degraded = 0] = log.moments('profile.degraded');
      const [lost = 0] = log.moments('profile.lost');
      expect(degraded - before).toBeLessThan(5_000 + busy);
      expect(lost - before).toBeLessThan(15_000 + busy);
    },
  );

  test('FAULTS 22: a stall of 8 s is degraded, then recovered, on the same transport', {
    timeout: 40_000,
  }, async () => {
    await using server = await startEmulator();
    await using proxy = await startStallingProxy(server);
    await using guarded = await guard({ office: at(server, proxy.port) }, everyFlag);
    const { guardian, log } = guarded;
    await log.until('profile.connected');
    const before = performance.now();
    proxy.stall();
    const { silentMs } = await log.until('profile.degraded');
    expect(silentMs).toBeGreaterThanOrEqual(5_000);
    expect(guardian.profiles()[0]?.state).toBe('degraded');
    await pause(8_000 - (performance.now() - before));
    proxy.heal();
    const { state, from } = await log.until('profile.recovered');
    expect([state, from]).toEqual(['connected', 'degraded']);
    const [degraded = 0] = log.moments('profile.degraded');
    const [recovered = 0] = log.moments('profile.recovered');
    expect(degraded - before).toBeLessThan(5_000 + busy);
    expect(recovered - before).toBeLessThan(8_000 + busy);
    // Long enough for a loss that was only late: keepalive gives up after 12 s, the chart after 15.
    await pause(9_000);
    expect(log.names()).not.toContain('profile.lost');
    expect(server.connectionsAccepted).toBe(1);
  });

  test('FAULTS 27: a server that accepts and says nothing meets the connect deadline of 15 s', {
    timeout: 40_000,
  }, async () => {
    await using server = await startEmulator();
    await using proxy = await startStallingProxy(server);
    proxy.saySilence();
    const before = performance.now();
    await using guarded = await guard({ office: at(server, proxy.port) });
    const { log } = guarded;
    const { failure, retryInMs } = await log.until('profile.lost', undefined, { within: 20_000 });
    const took = performance.now() - before;
    expect(failure).toMatchObject({ code: 'ssh.timedOut', retryable: true });
    expect(took).toBeGreaterThan(14_900);
    expect(took).toBeLessThan(15_000 + busy);
    expect(retryInMs).toBe(1_000);
    await eventually('its socket is closed', () => proxy.open === 0, 900);
    proxy.heal();
    await log.until('profile.connected');
  });

  test('a line on which nothing is asked is kept alive: no silence in 12 s', {
    timeout: 40_000,
  }, async () => {
    await using server = await startEmulator();
    await using guarded = await guard({ office: server });
    const { log } = guarded;
    await log.until('profile.connected');
    await pause(12_000);
    expect(log.names('office')).toEqual(['profile.connecting', 'profile.connected']);
    expect(server.commandsServed).toEqual(['survey']);
  });
});
