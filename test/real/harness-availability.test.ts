import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { describeReal } from '../support/describeReal.js';
import { realServerAvailable } from '../support/realServer.js';

const vitest = fileURLToPath(new URL('../../node_modules/vitest/vitest.mjs', import.meta.url));
const inner = 'X2GO_HARNESS_INNER';

/** Runs this file again where no program of an X2Go server is in the PATH. */
function runWithoutPackages(ci: 'true' | undefined): { code: number | null; text: string } {
  const { CI: _, ...env } = process.env;
  const args = [vitest, 'run', '--reporter=verbose', 'test/real/harness-availability.test.ts'];
  const ran = spawnSync(process.execPath, args, {
    encoding: 'utf8',
    env: { ...env, PATH: '/nonexistent', NO_COLOR: '1', [inner]: '1', ...(ci && { CI: ci }) },
  });
  return { code: ran.status, text: `${ran.stdout}${ran.stderr}` };
}

test.skipIf(process.env[inner])(
  'without the packages real-server tests are listed by name as skipped',
  () => {
    const { code, text } = runWithoutPackages(undefined);
    expect(text).toMatch(/↓ .*nothing \[skipped: .*x2goserver.*run `npm run test:setup`\] > is proven here/);
    expect(code).toBe(0);
  },
);

test.skipIf(process.env[inner])('with CI=true a missing package is a failure', () => {
  const { code, text } = runWithoutPackages('true');
  expect(text).toMatch(/× .*nothing: CI=true requires the tests against a real X2Go server/);
  expect(code).toBe(1);
});

describeReal('nothing', () => {
  test('is proven here but that it ran', () => {
    expect(realServerAvailable()).toBe(true);
  });
});
