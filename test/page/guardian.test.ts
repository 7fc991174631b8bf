import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { pageFolder, pageOf } from '../../src/cli/page.js';
import { type PageServer, servePage } from '../../src/inspection/pageServer.js';
import { everyFlag } from '../support/guard.js';
import { type Life, live } from '../support/life.js';
import { describeChromium, launch } from './support/chromium.js';
import { visit } from './support/visitor.js';

const password = 'canary-password-2f6';
const passphrase = 'canary-passphrase-8b0';

describeChromium('the live page of a guardian', () => {
  let browser: Browser;
  let life: Life;
  let server: PageServer;
  beforeAll(async () => {
    browser = await launch();
    const login = () => ({ password, passphrase, ask: async () => password }) as never;
    life = await live({ ...everyFlag, server: { password }, login });
    server = await servePage({ source: pageOf(life.guardian, {}), folder: pageFolder() });
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
    await life?.[Symbol.asyncDispose]();
  });

  test('a session has its history from before the page was opened, each step once, and no secret is anywhere', async () => {
    const { guardian, emulator } = life;
    const session = await life.start();
    await session.suspend();
    const visitor = await visit(browser, server.url);
    const { page, troubles } = visitor;
    const place = () => page.locator('#actor-place').textContent();
    const first = await place();
    await page.locator('#tree .row:has(.title:text("xterm"))').first().click();
    await expect.poll(place).not.toBe(first);
    const actor = String(await place());
    const steps = () => page.locator('#steps li span').allTextContents();
    const states = async () => (await steps()).map((step) => step.split(/[ .]/)[0]).reverse();
    await expect.poll(states).toEqual(guardian.history(actor).map(({ value }) => value.split('.')[0]));
    expect(await steps()).toEqual(expect.arrayContaining([expect.stringMatching(/^running.*←/)]));

    const before = (await steps()).length;
    await guardian.resumeSession('office', session.id);
    await expect.poll(async () => (await states()).at(-1)).toBe('running');
    const times = await page.locator('#steps li time').allTextContents();
    expect(times).toEqual(times.toSorted().reverse());

    // Now the guardian tells of steps that the page has seen itself.
    const all = await steps();
    await page.locator('#tree .row').first().click();
    await expect.poll(steps).not.toEqual(all);
    await page.locator('#tree .row.leaf').first().click();
    await expect.poll(() => page.locator('#no-diagram').textContent()).toMatch(/^A leaf/);
    const told = page.waitForResponse((response) => response.url().includes(encodeURIComponent(actor)));
    await page.locator('#tree .row:has(.title:text("xterm"))').first().click();
    expect(await (await told).text()).toContain('resum');
    await expect.poll(steps).toEqual(all);
    expect((await steps()).slice(-before)).toEqual(
      expect.arrayContaining([expect.stringMatching(/← {2}appeared$/)]),
    );
    await page.locator('#slider').focus();
    await page.keyboard.press('Home');
    await expect.poll(async () => (await steps()).length).toBe(before);

    for (const id of ['diagram', 'tab-timeline', 'tab-sequence', 'tab-sessions'])
      await page.locator(`#${id}`).click();
    const seen = await visitor.everything();
    expect(seen).toContain(`"t":"state"`);
    const cookies = emulator.sessions.store.all.map(({ cookie }) => cookie);
    expect(cookies).toHaveLength(1);
    for (const secret of [password, passphrase, ...cookies])
      expect(seen.includes(secret), secret).toBe(false);
    expect(troubles).toEqual([]);
    await page.close();
  });
});
