/** The command as a few files: a hundred small ones take twice as long to load. What it depends on stays outside. */
import { readFileSync } from 'node:fs';

const { dependencies } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'));

export default {
  input: { 'x2go-guardian': 'dist/src/cli/main.js' },
  platform: 'node',
  external: (id) => Object.keys(dependencies).some((name) => id === name || id.startsWith(`${name}/`)),
  output: { dir: 'dist/bin', format: 'esm', cleanDir: true },
  logLevel: 'warn',
};
