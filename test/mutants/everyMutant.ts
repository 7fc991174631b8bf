/** `npm run mutants`: each planted fault must be caught by the tests named beside it. */
import { afterAll, expect, test } from 'vitest';
import { Copy } from './copy.js';
import { mutants } from './list.js';

const only = process.env.ONLY ?? '';
const chosen = mutants.filter(({ name }) => name.includes(only));
const copy = new Copy();
afterAll(() => copy.remove());

const files = [...new Set(chosen.flatMap(({ tests }) => tests))];
test('nothing planted: the tests pass', async () => {
  const { passed, failed, hangs, text } = await copy.run(files);
  expect({ failed, hangs }, text).toEqual({ failed: [], hangs: false });
  expect(passed).toBeGreaterThan(files.length - 1);
});

test.each(chosen.map((mutant) => [mutant.name, mutant] as const))('%s', async (name, mutant) => {
  const { failed, hangs, text } = await copy.with(mutant, mutant.tests);
  expect(hangs, text).toBe(false);
  console.log(failed.length > 0 ? `caught    ${name} (by: ${failed[0]})` : `SURVIVED  ${name}`);
  expect(failed, text).not.toEqual([]);
});
