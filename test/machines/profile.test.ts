/** The profile's chart; the last test looks at what the others took. */
import './profile/connecting.js';
import './profile/lines.js';
import './profile/endings.js';
import './profile/oneLine.js';
import './profile/listing.js';
import './profile/stateWatch.js';
import './profile/registration.js';
import './profile/desktops.js';
import './profile/crashes.js';
import './profile/starts.js';
import './profile/requests.js';
import './profile/leaving.js';
import './profile/leavingInHaste.js';
import { expect, test } from 'vitest';
import { profileMachine } from '../../machines/profile.js';
import { notTaken } from './support/coverage.js';

test('the tests above take every transition of the profile chart', () => {
  const left = notTaken(profileMachine);
  if (left.length > 0) console.log(`not taken:\n${left.join('\n')}`);
  expect(left).toEqual([]);
});
