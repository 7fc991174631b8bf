import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { startEmulator } from '../../src/emulator/index.js';
import { everyFlag, guard } from '../support/guard.js';
import { childScript, startGuardianChild } from '../support/guardianChild.js';
import { eventually, pause } from '../support/until.js';

const run = promisify(execFile);

/** Options for a child: plain data, with a known_hosts file that outlives it. */
async function optionsFor(server: Awaited<ReturnType<typeof startEmulator>>, more: object) {
  const holder = await guard({ office: server }, { start: false });
  const { host, port, user } = server;
  return {
    holder,
    options: {
      ...everyFlag,
      profiles: [{ id: 'office', host, port, user }],
      hostKeys: { mode: 'strict', files: [holder.knownHosts] },
      ...more,
    },
  };
}

test('importing the package, and making guardians, changes nothing in the process', async () => {
  const { stdout, stderr } = await run(process.execPath, [childScript('importing')]);
  expect(stderr).toBe('');
  const { before, afterImport, afterMaking, startedByImport, startedInAll } = JSON.parse(stdout);
  expect(afterImport).toEqual(before);
  expect(afterMaking).toEqual(before);
  expect(startedByImport).toEqual([]);
  expect(startedInAll).toEqual([]);
});

describe.concurrent('in a process of its own', () => {
  test('FAULTS 38: 60 MB of listing are cut at 1 MiB, and memory stays where it was', {
    timeout: 60_000,
  }, async () => {
    await using server = await startEmulator();
    const { holder, options } = await optionsFor(server, { refreshInterval: 100, stateWatch: false });
    await using _ = holder;
    await using child = startGuardianChild(options, server.clientKey);
    const floods = async (times: number) => {
      server.faults.flood('x2golistsessions', 60_000_000);
      await child.seen('cache.failed', child.count('cache.failed') + times, 20_000);
      const peak = await child.measured();
      await server.faults.heal();
      await child.seen('cache.refreshed', child.count('cache.refreshed') + 5);
      return peak;
    };
    // Warm: code is compiled and buffers are made.
    await child.seen('cache.refreshed', 30);
    const cold = await child.measure();
    const peak = (await floods(1)) - cold;
    await floods(10);
    const before = await child.held();
    await floods(20);
    const left = (await child.held()) - before;
    expect(peak).toBeLessThan(8 * 1024 ** 2);
    expect(left).toBeLessThan(8 * 1024 ** 2);
    const failures = child.records.flatMap((record) =>
      record.event === 'cache.failed' ? [record.failure] : [],
    );
    expect(failures.at(-1)).toMatchObject({ code: 'command.tooLong', retryable: true });
    expect(failures.at(-1)?.message).toContain('1024 KiB');
    await eventually('the channel is closed', () => server.channels <= 1, 2_000);
    expect(child.count('profile.lost')).toBe(0);
    await child.stop();
    await eventually('nothing is left', () => server.connections === 0);
  });

  test('FAULTS 48: a process that was stopped for a while notices, probes at once, and goes on', {
    timeout: 60_000,
  }, async () => {
    await using server = await startEmulator();
    const { holder, options } = await optionsFor(server, { refreshInterval: 500 });
    await using _ = holder;
    await using child = startGuardianChild(options, server.clientKey);
    await child.seen('cache.refreshed', 6);
    child.process.kill('SIGSTOP');
    await pause(4_000);
    const ticks = child.count('cache.refreshed');
    child.process.kill('SIGCONT');
    const woken = performance.now();
    await child.seen('cache.refreshed', ticks + 2, 5_000);
    expect(performance.now() - woken).toBeLessThan(5_000);
    await pause(1_000);
    // What was missed is one tick, not eight.
    expect(child.count('cache.refreshed') - ticks).toBeLessThan(10);
    expect(child.count('profile.lost')).toBe(0);
    expect([server.connections, server.connectionsAccepted]).toEqual([1, 1]);
    await child.stop();
  });

  test('FAULTS 48: a line that died while the process was stopped is replaced within 5 s of the wake', {
    timeout: 60_000,
  }, async () => {
    await using server = await startEmulator();
    const { holder, options } = await optionsFor(server, { refreshInterval: 500 });
    await using _ = holder;
    await using child = startGuardianChild(options, server.clientKey);
    await child.seen('cache.refreshed', 4);
    child.process.kill('SIGSTOP');
    await pause(500);
    await server.faults.reset();
    await pause(2_500);
    child.process.kill('SIGCONT');
    await child.seen('profile.connected', 2, 5_000);
    await child.stop();
    await eventually('nothing is left', () => server.connections === 0);
  });
});
