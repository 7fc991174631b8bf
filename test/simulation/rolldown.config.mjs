import { defineConfig } from 'rolldown';

/** `npm run simulate` runs the sources as they are, without their tests. */
export default defineConfig({
  input: new URL('main.ts', import.meta.url).pathname,
  platform: 'node',
  external: /^[^./]/,
  output: { file: 'dist/simulation/main.js', format: 'esm' },
  tsconfig: false,
});
