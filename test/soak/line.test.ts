import { expect, test } from 'vitest';
import { slope } from './line.js';

test('the slope of a line is found, noise or not; of one point there is none', () => {
  expect(slope([0, 1, 2, 3].map((x) => [x, 7 + 3 * x] as const))).toBeCloseTo(3);
  expect(slope(Array.from({ length: 100 }, (_, x) => [x, 50 - 2 * x + (x % 2)] as const))).toBeCloseTo(-2, 2);
  expect(slope([[1, 1]])).toBe(0);
});
