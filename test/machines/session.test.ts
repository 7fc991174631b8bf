/** The session's chart; the last test looks at what the others took. */
import './session/life.js';
import './session/departures.js';
import './session/starting.js';
import './session/failedStarts.js';
import './session/interrupted.js';
import './session/cutOff.js';
import './session/viewers.js';
import './session/recovering.js';
import './session/resumedAgain.js';
import './session/resuming.js';
import './session/takeOvers.js';
import './session/suspending.js';
import './session/terminating.js';
import './session/leaving.js';
import './session/requests.js';
import { expect, test } from 'vitest';
import { sessionMachine } from '../../machines/session.js';
import { notTaken } from './support/coverage.js';

test('the tests above take every transition of the session chart', () => {
  const left = notTaken(sessionMachine);
  if (left.length > 0) console.log(`not taken:\n${left.join('\n')}`);
  expect(left).toEqual([]);
});
