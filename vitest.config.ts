import { defineConfig } from 'vitest/config';
import TransitionTable from './test/transitions/reporter.js';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: process.env.LONG ? [] : ['test/**/*.long.test.ts'],
    setupFiles: ['test/transitions/record.ts'],
    reporters: ['default', new TransitionTable()],
    testTimeout: 20_000,
    hookTimeout: 60_000,
    fileParallelism: true,
    // Most of them wait for a server most of the time.
    maxWorkers: 3,
    // Beside each other on two slow cores some are late now and then; with LONG=1, on a quiet machine, nothing is tried twice.
    retry: process.env.LONG ? 0 : 2,
  },
});
