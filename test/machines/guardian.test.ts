/** The guardian's chart; the last test looks at what the others took. */
import './guardian/guarding.js';
import './guardian/ending.js';
import './guardian/deadlines.js';
import { expect, test } from 'vitest';
import { guardianMachine } from '../../machines/guardian.js';
import { notTaken } from './support/coverage.js';

test('the tests above take every transition of the guardian chart', () => {
  const left = notTaken(guardianMachine);
  if (left.length > 0) console.log(`not taken:\n${left.join('\n')}`);
  expect(left).toEqual([]);
});
