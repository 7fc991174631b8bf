import { expect, test } from 'vitest';
import type { Traffic } from '../../machines/sessionPorts.js';
import { TrafficMeter } from '../../src/ssh/traffic.js';
import { manualClock } from '../support/manualClock.js';

function metered() {
  const time = manualClock();
  const told: Traffic[] = [];
  return { ...time, told, meter: new TrafficMeter(time.clock, (traffic) => told.push(traffic)) };
}

test('what changes is told once a second, and no timer runs while nothing does', () => {
  const { meter, told, pass, armed } = metered();
  expect(armed()).toBe(0);
  for (let chunk = 1; chunk <= 3; chunk += 1) {
    meter.sent += 100;
    meter.changed();
  }
  expect([armed(), told.length]).toEqual([1, 0]);
  pass(1_000);
  expect(told).toEqual([{ sent: 300, received: 0, channels: 0, refused: 0 }]);
  expect(armed()).toBe(0);
});

test('told at once, nothing is left to be told later', () => {
  const { meter, told, pass, armed } = metered();
  meter.refuse();
  meter.flush();
  meter.flush();
  expect([told.length, armed()]).toEqual([1, 0]);
  pass(5_000);
  expect(told).toHaveLength(1);
});

test('after its end no timer rings, and none is armed', () => {
  const { meter, told, pass, armed } = metered();
  meter.changed();
  meter.stop();
  expect(armed()).toBe(0);
  meter.changed();
  expect(armed()).toBe(0);
  pass(5_000);
  expect(told).toEqual([]);
});
