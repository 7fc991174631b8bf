import { expect, test } from 'vitest';
import { rows } from './rows.js';
import { namings, rowsNamed } from './titles.js';

test('there are 55 faults, each under its number', () => {
  expect(rows.map(({ n }) => n)).toEqual(Array.from({ length: 55 }, (_, index) => index + 1));
});

test('every fault has a test that is named by its number, and no test names another', () => {
  const named = new Set(namings().flatMap((each) => each.rows));
  expect(rows.filter(({ n }) => !named.has(n)).map(({ n, fault }) => `${n} ${fault}`)).toEqual([]);
  expect([...named].filter((n) => !rows.some((row) => row.n === n))).toEqual([]);
});

test.each([
  ['FAULTS 7: a start', [7]],
  ['a line that breaks > FAULTS 16, 24: is cut > FAULTS 9: here', [16, 24, 9]],
  ['of FAULTS 3', []],
  ['42: a number alone', []],
] as const)('%s names %j', (title, expected) => {
  expect(rowsNamed(title)).toEqual(expected);
});
