import { describe, expect, test } from 'vitest';
import { startEmulator } from '../../src/emulator/index.js';
import { at, guard } from '../support/guard.js';
import { startStallingProxy } from '../support/stallingProxy.js';
import { eventually, pause } from '../support/until.js';

const tenMinutes = 600_000;

/** The time since boot of a machine that can be put to sleep: its other clocks stand still meanwhile. */
function sleepyMachine() {
  let slept = 0;
  return {
    sinceBoot: () => performance.now() + slept,
    sleep: (ms: number) => {
      slept += ms;
    },
  };
}

describe.concurrent('FAULTS 48: a machine that slept ten minutes', () => {
  test('asks the line for a sign of life at the next tick', async () => {
    await using server = await startEmulator();
    await using proxy = await startStallingProxy(server);
    const { sinceBoot, sleep } = sleepyMachine();
    // Nothing is listed: what is heard on this line is ssh2's keepalive every 3 s, and the probe.
    await using guarded = await guard(
      { office: at(server, proxy.port) },
      { sinceBoot, refreshInterval: 200 },
    );
    const { log } = guarded;
    await log.until('profile.connected');
    await pause(500);
    const quiet = proxy.heard;
    await pause(1_000);
    expect(proxy.heard).toBe(quiet);
    sleep(tenMinutes);
    await eventually('a probe', () => proxy.heard > quiet, 600);
    await pause(500);
    expect(log.names()).not.toContain('profile.lost');
    expect(log.names()).not.toContain('profile.degraded');
    expect(server.connectionsAccepted).toBe(1);
  });

  test('does not wait out its back-off', async () => {
    await using server = await startEmulator();
    await server.faults.refuse();
    const { sinceBoot, sleep } = sleepyMachine();
    await using guarded = await guard(
      { office: server },
      { sinceBoot, refreshInterval: 100, chance: () => 0.999 },
    );
    const { guardian, log } = guarded;
    await log.until('profile.lost', ({ attempt }) => attempt === 3);
    await eventually('it waits 4.8 s', () => guardian.profiles()[0]?.state === 'waitingToRetry');
    await server.faults.heal();
    const before = performance.now();
    sleep(tenMinutes);
    await log.until('profile.connected');
    expect(performance.now() - before).toBeLessThan(1_500);
  });
});
