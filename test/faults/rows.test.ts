import { expect, test } from 'vitest';
import { matrixOf, type Sight } from './matrix.js';
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

const sight = (title: string, state: Sight['state'] = 'passed', again = 0): Sight => ({
  title,
  file: 'test/a.test.ts',
  state,
  ms: 1_234,
  again,
});

test('the matrix has a line for what was seen of each fault; failed, not run and nothing at all are missing', () => {
  const others = rows.slice(4).map(({ n }) => sight(`FAULTS ${n}: is seen`));
  const { text, missing } = matrixOf([
    sight('a line > FAULTS 1, 55: ends at once', 'passed', 1),
    sight('FAULTS 2: ends', 'failed'),
    sight('FAULTS 2: ends otherwise'),
    sight('FAULTS 3: ends at a real server', 'skipped'),
    ...others,
  ]);
  expect(missing).toEqual([2, 3, 4]);
  const lines = text.split('\n');
  expect(lines[0]).toBe('  1 ok      SIGTERM idle (P, within 5 s)');
  expect(lines[1]).toBe('      seen      1.2 s  a line > ends at once  (test/a.test.ts, tried 2 times)');
  expect(text).toContain('  2 MISSING SIGINT (P, within 5 s)\n      FAILED');
  expect(text).toContain('  4 MISSING SIGHUP (P, within 5 s)\n  5 ok ');
  expect(lines.at(-1)).toBe('52 of 55 faults seen; missing: 2, 3, 4');
});
