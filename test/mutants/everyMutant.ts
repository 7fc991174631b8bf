/** `npm run mutants`: each planted fault must be caught by the tests named beside it. */
import { afterAll, expect, test } from 'vitest';
import { Copy } from './copy.js';
import { type Mutant, mutants } from './list.js';

const only = process.env.ONLY ?? '';
const chosen = mutants.filter(({ name }) => name.includes(only));
const copy = new Copy();
afterAll(() => copy.remove());

/** What passes where nothing is planted: only that can catch something. */
const sound = new Set<string>();
const files = [...new Set(chosen.flatMap(({ tests }) => tests))];
test('nothing planted: the tests pass', async () => {
  const { passed, failed, hangs, text } = await copy.run(files);
  for (const name of passed) sound.add(name);
  if (failed.length > 0) console.log(`failed although nothing is planted:\n  ${failed.join('\n  ')}`);
  expect(hangs, text).toBe(false);
  expect(failed).toEqual([]);
  expect(passed.length).toBeGreaterThan(files.length - 1);
});

/** The whole file with the fault in it. */
function broken({ file, find, put }: Mutant): string {
  const [head, tail, ...more] = copy.read(file).split(find);
  if (tail === undefined || more.length > 0) throw new Error(`${file} does not have that once`);
  return head + put + tail;
}

test.each(chosen.map((mutant) => [mutant.name, mutant] as const))('%s', async (name, mutant) => {
  const { failed, hangs, text } = await copy.with(mutant.file, broken(mutant), mutant.tests);
  const [by] = failed.filter((test) => sound.has(test));
  console.log(by === undefined ? `SURVIVED  ${name}` : `caught    ${name} (by: ${by})`);
  expect(hangs, text).toBe(false);
  expect(by, text).toBeDefined();
});
