/** The second half of the seeds: in a file of its own, for the second core. */
import { test } from 'vitest';
import { bound, half, liveThrough } from './seeds.js';

test(
  'whatever happens, and whenever: all rules hold, and nothing is left',
  () => liveThrough(half + 1, 2 * half),
  bound,
);
