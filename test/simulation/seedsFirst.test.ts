/** The first half of the seeds: lives in which anything happens at any moment. */
import { test } from 'vitest';
import { bound, half, liveThrough } from './seeds.js';

test(
  'whatever happens, and whenever: all rules hold, and nothing is left',
  () => liveThrough(1, half),
  bound,
);

// 1892, 5109: a start was struck from the journal while the rows of tries that failed were still being ended.
// 4552, 6002: a session that was not listed, and then listed as suspended, was never told to be.
// 7612: a start that could not be taken back was told to be gone from the server.
test.each([1892, 5109, 4552, 6002, 7612])(
  'seed %d, which once broke a rule',
  (seed) => liveThrough(seed, seed),
  bound,
);
