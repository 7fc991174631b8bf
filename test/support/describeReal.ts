import { describe, expect, test } from 'vitest';
import { realServerAvailable } from './real/prerequisites.js';

/** A start takes 3 s on an idle machine of two cores and 12 s where the whole suite runs twice at once. */
const timeout = 60_000;

/** Beside other tests on two cores a server is late now and then: it is tried again. On a quiet machine (LONG=1) nothing is tried twice. */
const retry = process.env.LONG ? 0 : 2;

/**
 * As describe(), for tests against a real X2Go server. Where none can be started they are listed as skipped, each by
 * its name, under a title that says how to enable them. With CI=true that is a failure: a green run has run them.
 */
export function describeReal(name: string, define: () => void): void {
  const available = realServerAvailable();
  if (available === true) {
    describe(name, { timeout, retry }, define);
    return;
  }
  describe.skip(`${name} [skipped: ${available}]`, define);
  if (process.env.CI !== 'true') return;
  test(`${name}: CI=true requires the tests against a real X2Go server`, () => {
    expect.fail(available);
  });
}

const unregistered = Object.assign(() => undefined, { each: () => () => undefined });

/** As test(), for what takes long and seldom breaks: it is there with LONG=1 only, in npm run test:long. */
export const longTest = (process.env.LONG ? test : unregistered) as typeof test;
