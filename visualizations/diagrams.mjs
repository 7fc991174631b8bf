/**
 * Writes one Markdown file per chart into visualizations/generated, from the machine objects of the build.
 * With `--check` it writes nothing, names the files that are stale, and exits 1 if there is one.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import {
  attachmentMachine,
  guardianMachine,
  profileMachine,
  proxyMachine,
  sessionMachine,
  tunnelMachine,
} from '../dist/machines/index.js';
import { page } from './page.mjs';

const folder = new URL('./generated/', import.meta.url);
const charts = {
  guardian: guardianMachine,
  profile: profileMachine,
  session: sessionMachine,
  attachment: attachmentMachine,
  tunnel: tunnelMachine,
  proxy: proxyMachine,
};

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
  const url = new URL(`${name}.md`, folder);
  const text = page(machine);
  if (stored(url) === text) continue;
  stale.push(`visualizations/generated/${name}.md`);
  if (!check) writeFileSync(url, text);
}
if (check && stale.length > 0) {
  console.error(`stale, run "npm run diagrams": ${stale.join(', ')}`);
  process.exitCode = 1;
} else if (!check) {
  console.log(stale.length > 0 ? `written: ${stale.join(', ')}` : 'all diagrams are current');
}
