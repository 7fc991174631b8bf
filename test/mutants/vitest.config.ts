import { defineConfig } from 'vitest/config';

export default defineConfig({
  root: new URL('../../', import.meta.url).pathname,
  test: {
    include: ['test/mutants/every*.ts'],
    testTimeout: 3_600_000,
    reporters: ['verbose'],
    disableConsoleIntercept: true,
  },
});
