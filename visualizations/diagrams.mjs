/**
 * Writes a page of Markdown and a picture of each chart into visualizations/generated, from the machine objects of the build.
 * With `--check` it writes nothing, names the files that are stale, and exits 1 if there is one.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { charts } from '../dist/machines/index.js';
import { page } from './page.mjs';
import { closeUps, overview, svg } from './svg.mjs';

const folder = new URL('./generated/', import.meta.url);

const stored = (url) => {
  try {
    return readFileSync(url, 'utf8');
  } catch {
    return undefined;
  }
};

const check = process.argv.includes('--check');
const stale = [];
mkdirSync(folder, { recursive: true });
for (const [name, machine] of Object.entries(charts)) {
  const files = {
    [`${name}.md`]: page(machine),
    [`${name}.svg`]: svg(machine),
    [`${name}-overview.svg`]: overview(machine),
    ...Object.fromEntries(
      Object.entries(closeUps(machine)).map(([state, text]) => [`${name}-${state}.svg`, text]),
    ),
  };
  for (const [file, text] of Object.entries(files)) {
    const url = new URL(file, folder);
    if (text === undefined || stored(url) === text) continue;
    stale.push(`visualizations/generated/${file}`);
    if (!check) writeFileSync(url, text);
  }
}
if (check && stale.length > 0) {
  console.error(`stale, run "npm run diagrams": ${stale.join(', ')}`);
  process.exitCode = 1;
} else if (!check) {
  console.log(stale.length > 0 ? `written: ${stale.join(', ')}` : 'all diagrams are current');
}
