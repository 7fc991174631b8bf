import { defineConfig } from 'vitest/config';

/** What users run: vitest would take XState's build for development. */
const xstate = new URL('../node_modules/xstate/dist/xstate.esm.js', import.meta.url).pathname;

export default defineConfig({
  resolve: { alias: { xstate } },
  test: { include: ['bench/**/*.test.ts'], testTimeout: 600_000, hookTimeout: 60_000, maxWorkers: 1 },
});
