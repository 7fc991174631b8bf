/** `npm run disposers`: whatever call in the sources gives something back, without it a test must fail. */
import { afterAll, expect, test } from 'vitest';
import { Copy } from './copy.js';
import { everyDisposer } from './disposers.js';
import { testsOf } from './testsOf.js';

const only = new RegExp(process.env.ONLY ?? '');
const chosen = everyDisposer()
  .map((disposer) => ({
    ...disposer,
    where: `${disposer.file}:${disposer.line}`,
    tests: testsOf(disposer.file),
  }))
  .filter(({ where, text }) => only.test(`${where} ${text}`));
const copy = new Copy({ least: 120_000, each: 60_000 });
afterAll(() => copy.remove());

test('nothing left out: the tests pass', async () => {
  const { failed, hangs, text } = await copy.run([...new Set(chosen.flatMap(({ tests }) => tests))]);
  expect(failed).toEqual([]);
  expect(hangs, text).toBe(false);
});

test.each(chosen)('$where $text', async ({ where, file, text, without, tests }) => {
  const run = await copy.with(file, without, tests);
  const noticed = run.failed[0] ?? (run.hangs ? 'it hangs' : undefined);
  console.log(
    noticed === undefined ? `SURVIVED  ${where} ${text}` : `caught    ${where} ${text} (by: ${noticed})`,
  );
  expect(noticed, run.text).toBeDefined();
});
