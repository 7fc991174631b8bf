import { defineConfig } from 'vitest/config';
import FaultMatrix from './matrix.js';
import { namings, root } from './titles.js';

export default defineConfig({
  root,
  test: {
    include: namings().map(({ file }) => file),
    testNamePattern: 'FAULTS \\d+(, \\d+)*: ',
    testTimeout: 20_000,
    hookTimeout: 60_000,
    // One at a time: each is to be noticed as soon as it can be.
    fileParallelism: false,
    retry: process.env.LONG ? 0 : 2,
    reporters: ['dot', new FaultMatrix()],
  },
});
