import { expect, test } from 'vitest';
import { record } from '../../src/inspection/recording.js';
import { Cli, Place } from '../cli/support/cli.js';
import { everyFlag } from '../support/guard.js';
import { live } from '../support/life.js';
import { pause } from '../support/until.js';
import { describeChromium, launch } from './support/chromium.js';
import { tagOf, visit } from './support/visitor.js';

/** A session that ran and was suspended. */
async function recordLife(file: string): Promise<string> {
  await using life = await live({ ...everyFlag, start: false });
  const { guardian } = life;
  const recording = record(file, (listener, options) => guardian.feed(listener, options), {
    version: '1',
    trouble: () => undefined,
  });
  await guardian.start();
  const session = await life.start();
  await pause(300);
  await session.suspend();
  await recording.close();
  return session.id;
}

/** In the page: moves the slider from the beginning on until a session is so. */
async function slideTo(state: string): Promise<void> {
  const slider = document.querySelector<HTMLInputElement>('#slider');
  const isSo = () => document.querySelector('#sessions-body tr.session .tag')?.textContent === state;
  for (let n = 0; slider && n < 1_000 && !isSo(); n += 10) {
    slider.value = String(n);
    slider.dispatchEvent(new Event('input'));
    await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
  }
}

describeChromium('a recording in the live page', () => {
  test('shows the past and says so; the slider leads back in it, and to its end again', async () => {
    using place = new Place();
    const file = place.file('run.ndjson');
    const session = await recordLife(file);
    const cli = new Cli(['replay', file, '--page'], place);
    const url = await cli.until(() => /http:\S+/.exec(cli.stdout)?.[0], 'the address');
    const browser = await launch();
    try {
      const { page, troubles } = await visit(browser, url);
      const past = page.locator('#past:visible');
      const states = () => page.locator(`#sessions-body tr:has-text("${session}") .tag`).allTextContents();
      await page.locator('#tab-sessions').click();
      await expect.poll(states).toEqual(['suspended']);
      expect(await page.locator('#connection').textContent()).toBe('recording');
      expect(await past.textContent()).toMatch(/^This is the past: the end of run\.ndjson, /);

      const slider = page.locator('#slider');
      await slider.focus();
      await page.keyboard.press('Home');
      await expect.poll(() => past.textContent()).toMatch(/^This is the past: [\d:.]+, /);
      await expect.poll(states).toEqual([]);
      await page.evaluate(slideTo, 'running');
      await expect.poll(() => tagOf(page, 'xterm').textContent()).toBe('running');
      await page.locator('#live').click();
      await expect.poll(states).toEqual(['suspended']);
      expect(await past.textContent()).toContain('the end of run.ndjson');
      expect(troubles).toEqual([]);
    } finally {
      await browser.close();
      cli.child.kill('SIGTERM');
    }
    expect((await cli.ended).code).toBe(0);
  });
});
