// Takes the README's pictures of the live page: `npm run page-pictures`. Needs Debian's chromium, and a build.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = process.argv[2] ?? join(root, 'visualizations');
const size = { width: 1280, height: 800 };
/** As the browser is started everywhere here: it talks to nobody. */
const args = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'];
args.push('--disable-background-networking', '--disable-component-update', '--disable-sync');

const place = mkdtempSync(join(tmpdir(), 'x2go-guardian-pictures-'));
const demo = spawn(process.execPath, [join(root, 'dist/src/cli/main.js'), 'demo', '--json'], {
  env: { PATH: process.env.PATH, HOME: place, XDG_RUNTIME_DIR: place, TZ: 'UTC' },
});
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args });
try {
  const url = await heard(demo.stderr, /http:\S+/);
  // The demo's own session was suspended and runs again.
  const ready = heard(demo.stdout, /"event":"session\.resumed"[^\n]*"by":"me"/);
  const page = await browser.newPage({ viewport: size });
  await page.goto(url);
  await ready;
  await page.locator('#search').fill('gimp');
  await page.locator('#tree .row:has(.chart:text-is("session"))').first().click();
  await page.locator('#search').fill('');
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme });
    const take = async (what) => {
      await page.waitForTimeout(700);
      const path = join(folder, `page-${what}-${colorScheme}.png`);
      await page.screenshot({ path });
      console.log(path);
    };
    await page.locator('#tab-sessions').click();
    await take('tree');
    await page.locator('#grow').click();
    await take('table');
    await page.locator('#tab-timeline').click();
    await take('timeline');
    await page.locator('#tab-sequence').click();
    await take('sequence');
    await page.locator('#grow').click();
  }
} finally {
  await browser.close();
  demo.kill('SIGTERM');
  await new Promise((resolve) => demo.once('close', resolve));
  rmSync(place, { recursive: true, force: true });
}

/** Resolves with what was looked for in a stream, for two minutes. */
function heard(stream, wanted) {
  return new Promise((resolve, reject) => {
    let text = '';
    const timer = setTimeout(() => reject(new Error(`${wanted} never came: ${text.slice(-500)}`)), 120_000);
    stream.on('data', (chunk) => {
      text += chunk;
      const [found] = wanted.exec(text) ?? [];
      if (found === undefined) return;
      clearTimeout(timer);
      resolve(found);
    });
  });
}
