import { defineConfig } from 'rolldown';

/** `npm run soak` runs the sources as they are; the guardian that is soaked is the built one. */
export default defineConfig({
  input: new URL('main.ts', import.meta.url).pathname,
  platform: 'node',
  external: /^[^./]/,
  output: { file: 'dist/soak/main.js', format: 'esm' },
  tsconfig: false,
});
