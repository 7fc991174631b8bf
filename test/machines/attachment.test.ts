/** What shows a session: the attachment's chart; the last test looks at what the others took. */
import './attachment/opening.js';
import './attachment/closing.js';
import { expect, test } from 'vitest';
import { attachmentMachine } from '../../machines/attachment.js';
import { notTaken } from './support/coverage.js';

test('the tests above take every transition of the attachment chart', () => {
  expect(notTaken(attachmentMachine)).toEqual([]);
});
