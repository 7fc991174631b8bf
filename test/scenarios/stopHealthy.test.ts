import { expect, test } from 'vitest';
import { moments } from '../support/moments.js';
import { stopAt } from '../support/stopAt.js';

// One after the other: what is left is counted in the whole process.
test.each(Object.entries(moments))('FAULTS 1, 6: stop() while %s ends everything', async (_, moment) => {
  // A healthy server answers: there is nothing to wait for but the polite end of a remote shell.
  expect(await stopAt(moment, 'healthy')).toBeLessThan(2_500);
});
