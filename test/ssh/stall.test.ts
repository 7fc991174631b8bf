import { expect, test } from 'vitest';
import { StallWatch } from '../../src/ssh/stall.js';
import { manualClock } from '../support/manualClock.js';

/** Two seconds of a tunnel, and all that is looked at in them. */
const pace = 2_000;

function watched() {
  const { clock, pass, armed } = manualClock();
  const told: string[] = [];
  const watch = new StallWatch(clock, {
    stalled: (forMs) => told.push(`stalled ${forMs}`),
    moving: () => told.push('moving'),
  });
  const lane = { written: 0, unread: 0, waiting: () => lane.unread };
  watch.watch(lane);
  const go = async (ms: number) => {
    for (let left = ms; left > 0; left -= pace) {
      pass(Math.min(pace, left));
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  return { watch, lane, told, armed, go };
}

test('bytes that nobody takes for ten seconds are told of once, and so is that they move again', async () => {
  const { watch, lane, told, armed, go } = watched();
  Object.assign(lane, { written: 1_000, unread: 1_000 });
  watch.touch();
  await go(10_000);
  expect(told).toEqual([]);
  await go(20_000);
  expect(told).toEqual([expect.stringMatching(/^stalled 1\d{4}$/)]);
  lane.unread = 0;
  await go(pace);
  expect(told.slice(1)).toEqual(['moving']);
  expect(armed()).toBe(0);
});

test('whoever reads slowly does not stand still', async () => {
  const { watch, lane, told, go } = watched();
  Object.assign(lane, { written: 100, unread: 100 });
  watch.touch();
  for (; lane.unread > 0; lane.unread -= 1) await go(pace);
  expect(told).toEqual([]);
});

test('after its end no timer rings, and none is armed', async () => {
  const { watch, lane, told, armed, go } = watched();
  Object.assign(lane, { written: 1_000, unread: 1_000 });
  watch.touch();
  expect(armed()).toBe(1);
  watch.stop();
  expect(armed()).toBe(0);
  watch.touch();
  expect(armed()).toBe(0);
  await go(30_000);
  expect(told).toEqual([]);
});
