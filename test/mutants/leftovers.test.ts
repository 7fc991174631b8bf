import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { endAllThatKnow } from './leftovers.js';

test('what a run left is killed, in whatever process group; others are not', async () => {
  const start = (TMPDIR: string) =>
    spawn('sleep', ['1000'], { stdio: 'ignore', detached: true, env: { ...process.env, TMPDIR } });
  const left = start('/nowhere/one');
  const other = start('/nowhere/two');
  const ends = [once(left, 'exit'), once(other, 'exit')];
  await Promise.all([once(left, 'spawn'), once(other, 'spawn')]);
  try {
    endAllThatKnow('/nowhere/one');
    expect(await ends[0]).toEqual([null, 'SIGKILL']);
    expect(other.signalCode).toBe(null);
  } finally {
    other.kill('SIGTERM');
    expect(await ends[1]).toEqual([null, 'SIGTERM']);
  }
});
