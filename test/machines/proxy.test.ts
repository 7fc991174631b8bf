/** The proxy's chart; the last test looks at what the others took. */
import './proxy/life.js';
import { expect, test } from 'vitest';
import { proxyMachine } from '../../machines/proxy.js';
import { notTaken } from './support/coverage.js';

test('the tests above take every transition of the proxy chart', () => {
  expect(notTaken(proxyMachine)).toEqual([]);
});
