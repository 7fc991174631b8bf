import { expect, test } from 'vitest';
import { createTimers } from '../../src/emulator/timers.js';
import { manualClock } from '../support/manualClock.js';

test('what is taken back, has come in time or is cleared leaves no timer', async () => {
  const { clock, pass, armed } = manualClock();
  const timers = createTimers(clock);
  let rung = 0;
  const cancel = timers.after(1_000, () => rung++);
  timers.after(1_000, () => rung++);
  expect([armed(), timers.pending]).toEqual([2, 2]);
  cancel();
  expect([armed(), timers.pending]).toEqual([1, 1]);
  pass(1_000);
  expect([rung, armed(), timers.pending]).toEqual([1, 0, 0]);

  expect(await timers.within(1_000, Promise.resolve('in time'))).toBe('in time');
  await Promise.resolve();
  expect([armed(), timers.pending]).toEqual([0, 0]);

  timers.after(1_000, () => rung++);
  timers.clear();
  expect([armed(), timers.pending]).toEqual([0, 0]);
});
