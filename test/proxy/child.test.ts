import { expect, test } from 'vitest';
import type { Exit } from '../../src/protocol/nxproxyLog.js';
import { Child } from '../../src/proxy/child.js';
import { manualClock } from '../support/manualClock.js';
import { isAlive } from '../support/real/processes.js';
import { eventually } from '../support/until.js';

/** A shell that is ours. Each line that it writes is heard. */
function run(script: string) {
  const { clock, pass, armed } = manualClock();
  const lines: string[] = [];
  const ends: Exit[] = [];
  const child = new Child({
    path: '/bin/sh',
    args: ['-c', script],
    env: process.env,
    clock,
    graceMs: 2_000,
    onLine: (line) => lines.push(line),
    onError: (cause) => expect.unreachable(String(cause)),
    onEnd: (exit) => ends.push(exit),
  });
  return { child, lines, ends, pass, armed };
}

test('a child that has ended leaves no timer, and all it wrote was read', async () => {
  const { lines, ends, armed } = run('echo first >&2; printf last >&2; exit 3');
  await eventually('its end', () => ends.length === 1);
  expect(ends).toEqual([{ code: 3, signal: null, ours: false }]);
  expect(lines).toEqual(['first', 'last']);
  expect(armed()).toBe(0);
});

test('what it left behind in another group may hold its pipe for half a second, no longer', async () => {
  const { lines, ends, pass, armed } = run('setsid sleep 60 & echo $! >&2; exit 0');
  await eventually('its exit', () => lines.length === 1 && armed() === 1);
  const pid = Number(lines[0]);
  try {
    expect([isAlive(pid), ends]).toEqual([true, []]);
    pass(500);
    await eventually('its end', () => ends.length === 1);
    expect(armed()).toBe(0);
  } finally {
    process.kill(pid, 'SIGKILL');
  }
});
