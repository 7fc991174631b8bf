import { defineConfig } from 'vitest/config';
import TransitionTable from './test/transitions/reporter.js';

/** They wait for servers within this process more than they compute. */
const waiting = [
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
/** It has other modules than those that are imported: no file shares its process. */
const ownModules = 'test/scenarios/crashes.test.ts';
/** It measures: nothing else may run. */
const byItself = 'test/page/thousand.long.test.ts';
const isLong = process.env.LONG !== undefined;
const long = isLong ? [] : ['test/**/*.long.test.ts'];
/** With LONG=1 they are held to their budgets: on two cores two files, and nothing else meanwhile. */
const real = isLong ? ['test/real/**/*.test.ts', 'test/cli/real*.test.ts'] : [];

export default defineConfig({
  test: {
    setupFiles: ['test/transitions/record.ts'],
    reporters: ['default', new TransitionTable()],
    testTimeout: 20_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 10_000 } },
    fileParallelism: true,
    // Files run one after the other in the same processes: importing all of the guardian for each costs more than most of them.
    isolate: false,
    // Most of them wait for a server most of the time.
    maxWorkers: isLong ? 2 : 3,
    // Beside each other on two slow cores some are late now and then; with LONG=1, on a quiet machine, nothing is tried twice.
    retry: isLong ? 0 : 2,
    projects: [
      ...(isLong
        ? [{ extends: true as const, test: { name: 'real', include: real, sequence: { groupOrder: 0 } } }]
        : []),
      {
        extends: true,
        test: {
          name: 'working',
          include: ['test/**/*.test.ts'],
          exclude: [...waiting, byItself, ...real, ...long],
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: { name: 'own modules', isolate: true, include: [ownModules], sequence: { groupOrder: 1 } },
      },
      {
        extends: true,
        test: {
          name: 'waiting',
          include: waiting,
          exclude: [ownModules, ...long],
          maxWorkers: isLong ? 2 : 4,
          sequence: { groupOrder: 2 },
        },
      },
      {
        extends: true,
        test: {
          name: 'by itself',
          include: [byItself],
          exclude: long,
          maxWorkers: 1,
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
});
