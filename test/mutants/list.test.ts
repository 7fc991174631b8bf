import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { mutants } from './list.js';

const root = new URL('../../', import.meta.url).pathname;

test('there are enough of them, each under its name', () => {
  expect(mutants.length).toBeGreaterThan(15);
  expect(new Set(mutants.map(({ name }) => name)).size).toBe(mutants.length);
});

test.each(mutants.map((mutant) => [mutant.name, mutant] as const))(
  '%s: what it changes stands there once, and its tests are there',
  (_, { file, find, put, tests }) => {
    expect(readFileSync(root + file, 'utf8').split(find)).toHaveLength(2);
    expect(put).not.toBe(find);
    expect(tests.filter((test) => !existsSync(root + test))).toEqual([]);
    expect(tests.length).toBeGreaterThan(0);
  },
);
