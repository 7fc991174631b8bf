import { describe, expect, test } from 'vitest';
import { startEmulator } from '../../src/emulator/index.js';
import { at, everyFlag, guard } from '../support/guard.js';
import { startStallingProxy } from '../support/stallingProxy.js';
import { eventually } from '../support/until.js';

describe('a line that is cut', () => {
  test.each([
    ['FAULTS 17: a reset', 'reset'],
    ['FAULTS 16: an end', 'close'],
  ] as const)('%s by the server is noticed within a second, and the line comes back', async (_, how) => {
    await using server = await startEmulator();
    const session = server.sessions.start();
    await using guarded = await guard({ office: server }, everyFlag);
    const { guardian, log } = guarded;
    await log.until('session.registered', (record) => record.session === session);
    const before = performance.now();
    await server.faults[how]();
    const { failure, retryInMs, attempt } = await log.until('profile.lost');
    const [lost = 0] = log.moments('profile.lost');
    expect(lost - before).toBeLessThan(1_000);
    expect(failure).toMatchObject({ code: 'ssh.closed', retryable: true });
    expect([attempt, retryInMs]).toEqual([1, 1_000]);
    expect(guardian.sessions('office')).toBeUndefined();
    await log.until('profile.connected', undefined, { after: log.length });
    expect(log.names().filter((name) => name.startsWith('session.'))).toEqual(['session.registered']);
    await eventually('one transport is left', () => server.connections === 1);
    expect(server.connectionsAccepted).toBe(2);
  });

  test('FAULTS 18: a FIN in the middle of any packet is a lost line, never a refusal', {
    timeout: 60_000,
  }, async () => {
    await using server = await startEmulator();
    server.sessions.start();
    const cutAfter = async (bytes: number) => {
      await using proxy = await startStallingProxy(server);
      proxy.finAfter(bytes);
      await using guarded = await guard(
        { office: at(server, proxy.port) },
        { ...everyFlag, refreshInterval: 50, timing: { watchPace: 20 } },
      );
      const { guardian, log } = guarded;
      const { failure } = await log.until('profile.lost', undefined, { within: 20_000 });
      expect(failure.retryable, `FIN after ${bytes} bytes: ${failure.message}`).toBe(true);
      proxy.finAfter(Number.POSITIVE_INFINITY);
      await guardian.connect('office');
      expect(log.names(), `FIN after ${bytes} bytes`).not.toContain('profile.failed');
      expect(log.all('session.terminated')).toEqual([]);
    };
    // Every place in a login, an introduction and the first ticks of a watch: they fill about 6 KiB.
    const offsets = Array.from({ length: 60 }, (_, n) => 1 + n * 103);
    for (let n = 0; n < offsets.length; n += 15) await Promise.all(offsets.slice(n, n + 15).map(cutAfter));
    await eventually('no line is left', () => server.connections === 0);
  });
});
