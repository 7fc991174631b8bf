/** The tunnel's chart; the last test looks at what the others took. */
import './tunnel/life.js';
import { expect, test } from 'vitest';
import { tunnelMachine } from '../../machines/tunnel.js';
import { notTaken } from './support/coverage.js';

test('the tests above take every transition of the tunnel chart', () => {
  expect(notTaken(tunnelMachine)).toEqual([]);
});
