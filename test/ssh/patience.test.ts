import { expect, test } from 'vitest';
import { Patience } from '../../src/ssh/patience.js';
import { manualClock } from '../support/manualClock.js';

test('standing still it sets no timer, and what was left before is left after', () => {
  const { clock, pass, armed } = manualClock();
  let late = 0;
  const patience = new Patience(clock, 1_000, () => void late++);
  expect(armed()).toBe(0);
  patience.resume();
  patience.resume();
  expect(armed()).toBe(1);
  pass(600);
  patience.pause();
  expect(armed()).toBe(0);
  pass(10_000);
  patience.resume();
  pass(399);
  expect(late).toBe(0);
  pass(1);
  expect(late).toBe(1);
});

test('begun anew it has all of its time', () => {
  const { clock, pass, armed } = manualClock();
  let late = 0;
  const patience = new Patience(clock, 1_000, () => void late++);
  patience.resume();
  pass(999);
  patience.restart();
  expect(armed()).toBe(1);
  pass(999);
  expect(late).toBe(0);
  pass(1);
  expect(late).toBe(1);
});
