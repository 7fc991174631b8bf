/** The linter's part in keeping clock, chance and timers out of the charts: it must really fire. */
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';

const root = new URL('../../', import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), 'x2go-guardian-lint-'));
mkdirSync(join(folder, 'machines'));
mkdirSync(join(folder, 'src'));
for (const name of ['biome.json', 'machines/chance.grit']) copyFileSync(join(root, name), join(folder, name));
execFileSync('git', ['init', '--quiet', folder]);
afterAll(() => rmSync(folder, { recursive: true }));

/** What the linter says of one line in a file of that folder; empty when it is content. */
const lint = (where: string, line: string): string => {
  writeFileSync(join(folder, where, 'planted.ts'), `${line}\n`);
  try {
    const biome = join(root, 'node_modules', '.bin', 'biome');
    execFileSync(biome, ['lint', '--max-diagnostics=5', join(where, 'planted.ts')], {
      cwd: folder,
      stdio: 'pipe',
    });
    return '';
  } catch (cause) {
    return String((cause as { stderr?: Buffer }).stderr);
  }
};

test.each([
  ['export const now = () => Date.now();', 'Time arrives in a chart as data.'],
  ['export const now = () => new Date();', 'Time arrives in a chart as data.'],
  ['export const now = () => performance.now();', 'Time arrives in a chart as data.'],
  ['export const drawn = () => Math.random();', 'Chance arrives in a chart as data.'],
  ['export const wait = (go: () => void) => setTimeout(go, 5);', 'Charts use named delays.'],
  ['export const wait = (go: () => void) => setInterval(go, 5);', 'Charts use named delays.'],
])('in a chart, %s is refused', (line, why) => {
  expect(lint('machines', line)).toContain(why);
  expect(lint('src', line)).toBe('');
});

test('ordinary arithmetic is not', () => {
  expect(lint('machines', 'export const least = (a: number, b: number) => Math.min(a, b);')).toBe('');
});
