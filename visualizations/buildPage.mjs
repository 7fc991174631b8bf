// Builds the live page into dist/page: its scripts, what stands beside them, and the charts' pictures.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const at = (path) => `${root}${path}`;
// The page's scripts share types with the guardian, so that the compiler lays them out like the sources.
const made = at('dist/page.new');

rmSync(made, { recursive: true, force: true });
const { status } = spawnSync(
  process.execPath,
  [at('node_modules/typescript/bin/tsc'), '-p', at('visualizations/page'), '--outDir', made],
  { stdio: 'inherit' },
);
if (status !== 0) process.exit(status ?? 1);
rmSync(at('dist/page'), { recursive: true, force: true });
mkdirSync(at('dist'), { recursive: true });
renameSync(`${made}/visualizations/page`, at('dist/page'));
rmSync(made, { recursive: true, force: true });
for (const name of readdirSync(at('visualizations/page'))) {
  if (/\.(html|css|svg)$/.test(name)) cpSync(at(`visualizations/page/${name}`), at(`dist/page/${name}`));
}
mkdirSync(at('dist/page/diagrams'));
const pictures = at('visualizations/generated');
for (const name of existsSync(pictures) ? readdirSync(pictures) : []) {
  if (name.endsWith('.svg')) cpSync(`${pictures}/${name}`, at(`dist/page/diagrams/${name}`));
}
