/** The session's chart; the last test looks at what the others took. */
import './session/life.js';
import './session/departures.js';
import { expect, test } from 'vitest';
import { sessionMachine } from '../../machines/session.js';
import { notTaken } from './support/coverage.js';

test('the tests above take every transition of the session chart', () => {
  const left = notTaken(sessionMachine);
  if (left.length > 0) console.log(`not taken:\n${left.join('\n')}`);
  expect(left).toEqual([]);
});
