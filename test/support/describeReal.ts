import { describe, expect, test } from 'vitest';
import { realServerAvailable } from './real/prerequisites.js';

/**
 * As describe(), for tests against a real X2Go server. Where none can be started they are listed as skipped, each by
 * its name, under a title that says how to enable them. With CI=true that is a failure: a green run has run them.
 */
export function describeReal(name: string, define: () => void): void {
  const available = realServerAvailable();
  if (available === true) {
    describe(name, define);
    return;
  }
  describe.skip(`${name} [skipped: ${available}]`, define);
  if (process.env.CI !== 'true') return;
  test(`${name}: CI=true requires the tests against a real X2Go server`, () => {
    expect.fail(available);
  });
}
