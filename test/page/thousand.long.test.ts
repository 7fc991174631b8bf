import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { expect, test } from 'vitest';
import { Place, runCli } from '../cli/support/cli.js';
import { describeChromium, launch } from './support/chromium.js';
import { shownTree, visit } from './support/visitor.js';

const script = fileURLToPath(new URL('./children/thousand.mjs', import.meta.url));
/** How long frames are looked at. */
const seconds = 20;

describeChromium('the live page of a guardian of a thousand sessions', () => {
  test('with 500 events a second a frame is quick, and the tree is that of inspect --json at the end', async () => {
    using place = new Place();
    const child = fork(script, { env: place.env() });
    const browser = await launch();
    try {
      const { url } = await answer<{ url: string }>(child);
      const { page, troubles } = await visit(browser, url);
      expect(await page.locator('#count').textContent()).toMatch(/^10\d\d actors$/);
      await page.locator('#tree').focus();
      await page.keyboard.press('End');
      await page.locator('#tab-timeline').click();
      const before = await ask(child, 'count');
      const frames = await page.evaluate(framesFor, seconds * 1_000);
      const rate = ((await ask(child, 'count')) - before) / seconds;
      const p95 = frames[Math.floor(frames.length * 0.95)] ?? Number.NaN;
      console.info(
        `p95 of ${frames.length} frames: ${p95.toFixed(1)} ms, at ${Math.round(rate)} lines a second`,
      );
      expect(rate).toBeGreaterThan(500);
      expect(p95).toBeLessThan(50);
      await ask(child, 'still');
      // The charts have timers of their own: it may take two looks.
      const isSame = async () => {
        const { stdout } = await runCli(['inspect', '--json'], place);
        expect(stdout.split('"chart":"session"')).toHaveLength(1_001);
        return isDeepStrictEqual(ageless(await shownTree(page)), ageless(JSON.parse(stdout).root));
      };
      await expect.poll(isSame, { timeout: 15_000 }).toBe(true);
      expect(troubles).toEqual([]);
    } finally {
      await browser.close();
      if (child.connected) child.send('end');
    }
    if (child.exitCode === null) await once(child, 'exit');
    expect(child.exitCode).toBe(0);
    expect(place.leftovers()).toEqual([]);
  });
});

/** In the page: how long each frame took, the quickest first. */
function framesFor(ms: number): Promise<number[]> {
  return new Promise((resolve) => {
    const frames: number[] = [];
    const begin = performance.now();
    let last = begin;
    const frame = (now: number) => {
      frames.push(now - last);
      last = now;
      if (now - begin < ms) requestAnimationFrame(frame);
      else resolve(frames.sort((a, b) => a - b));
    };
    requestAnimationFrame(frame);
  });
}

async function answer<T>(child: ChildProcess): Promise<T> {
  const gone = once(child, 'exit').then(() => {
    throw new Error('the guardian ended');
  });
  const [message] = await Promise.race([once(child, 'message'), gone]);
  return message as T;
}

async function ask(child: ChildProcess, verb: string): Promise<number> {
  const answered = answer<{ lines: number }>(child);
  child.send(verb);
  return (await answered).lines;
}

/** Ages grow while nobody tells of them. */
const ageless = (tree: unknown): unknown =>
  JSON.parse(JSON.stringify(tree, (key, value) => (/^age/.test(key) ? undefined : value)));
