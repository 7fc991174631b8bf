import { defineConfig } from 'vitest/config';
import TransitionTable from './test/transitions/reporter.js';

/** Their files run one after the other in the same processes: importing all of the guardian for each costs more than most of them. */
const sharing = [
  'attacks',
  'channels',
  'inspection',
  'journal',
  'machines',
  'profiles',
  'protocol',
  'proxy',
  'scenarios',
  'schema',
  'ssh',
  'wanted',
].map((folder) => `test/${folder}/**/*.test.ts`);
/** It has other modules than those that are imported. */
const ownModules = 'test/scenarios/crashes.test.ts';
/** It measures: nothing else may run. */
const byItself = 'test/page/thousand.long.test.ts';
const long = process.env.LONG ? [] : ['test/**/*.long.test.ts'];

export default defineConfig({
  test: {
    setupFiles: ['test/transitions/record.ts'],
    reporters: ['default', new TransitionTable()],
    testTimeout: 20_000,
    hookTimeout: 60_000,
    fileParallelism: true,
    // Most of them wait for a server most of the time.
    maxWorkers: 3,
    // Beside each other on two slow cores some are late now and then; with LONG=1, on a quiet machine, nothing is tried twice.
    retry: process.env.LONG ? 0 : 2,
    projects: [
      {
        extends: true,
        test: { name: 'alone', include: ['test/**/*.test.ts'], exclude: [...sharing, byItself, ...long] },
      },
      { extends: true, test: { name: 'own modules', include: [ownModules] } },
      {
        extends: true,
        test: {
          name: 'sharing',
          isolate: false,
          include: sharing,
          exclude: [ownModules, ...long],
          // They wait more than the others.
          maxWorkers: 4,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'by itself',
          include: [byItself],
          exclude: long,
          maxWorkers: 1,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
