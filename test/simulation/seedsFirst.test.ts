/** The first half of the seeds: lives in which anything happens at any moment. */
import { test } from 'vitest';
import { bound, half, liveThrough } from './seeds.js';

test(
  'whatever happens, and whenever: all rules hold, and nothing is left',
  () => liveThrough(1, half),
  bound,
);
