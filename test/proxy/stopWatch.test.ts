import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { watchForStops } from '../../src/proxy/stopWatch.js';
import { manualClock } from '../support/manualClock.js';
import { eventually } from '../support/real/eventually.js';
import { lookAt } from '../support/real/processes.js';

test('a process that stands still is told of once, and so is that it moves again; unwatched it leaves no timer', async () => {
  const child = spawn('sleep', ['60'], { stdio: 'ignore' });
  const { pid = 0 } = child;
  const told: string[] = [];
  const { clock, pass, armed } = manualClock();
  const unwatch = watchForStops(pid, clock, {
    stalled: (forMs) => told.push(`stalled ${forMs}`),
    moving: () => told.push('moving'),
  });
  try {
    pass(20_000);
    expect(told).toEqual([]);
    child.kill('SIGSTOP');
    await eventually('it to stop', () => lookAt(pid)?.state === 'T');
    pass(20_000);
    expect(told).toEqual(['stalled 10000']);
    child.kill('SIGCONT');
    await eventually('it to move', () => lookAt(pid)?.state !== 'T');
    pass(20_000);
    expect(told).toEqual(['stalled 10000', 'moving']);
    expect(armed()).toBe(1);
    unwatch();
    expect(armed()).toBe(0);
  } finally {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
});
