import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { pageFolder } from '../../src/cli/page.js';
import { servePage } from '../../src/inspection/pageServer.js';
import { describeChromium, launch } from './support/chromium.js';
import { FakeFeed } from './support/fakeFeed.js';
import { shownTree } from './support/visitor.js';

const folder = pageFolder();

describeChromium('the live page in Chromium', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser.close());

  const visit = async (url: string): Promise<Page> => {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    await page.goto(url);
    await page.locator('#connection[data-state="live"]').waitFor();
    await page.locator('#tree .row').first().waitFor();
    return page;
  };

  test('the keyboard is enough to walk the tree, and to search it', async () => {
    const server = await servePage({ source: new FakeFeed(40).source, folder });
    const page = await visit(server.url);
    try {
      await page.locator('#tree').focus();
      const place = () => page.locator('#actor-place').textContent();
      const press = async (key: string, at: string) => {
        await page.keyboard.press(key);
        await expect.poll(place).toBe(at);
      };
      await press('ArrowDown', 'guardian/profile:p0');
      await press('ArrowRight', 'guardian/profile:p0/alice-0');
      await press('ArrowLeft', 'guardian/profile:p0');
      await page.keyboard.press('ArrowLeft');
      await press('ArrowDown', 'guardian/profile:p1');
      await press('End', 'guardian/profile:p9/alice-39');
      await press('Home', 'guardian');
      expect(await page.locator('#tree .row[aria-selected="true"]').count()).toBe(1);
      await page.keyboard.press('/');
      await page.keyboard.type('alice-17');
      await expect.poll(() => page.locator('#count').textContent()).toBe('3 of 51 actors');
      await page.keyboard.press('ArrowDown');
      await press('End', 'guardian/profile:p7/alice-17');
      expect(new URL(page.url()).search).toBe('');
      const overflow = () => document.documentElement.scrollWidth > document.documentElement.clientWidth;
      expect(await page.evaluate(overflow)).toBe(false);
    } finally {
      await page.close();
      await server.close();
    }
  });

  test('it comes back by itself after the server was away, and shows what is so then', async () => {
    const feed = new FakeFeed(4);
    const first = await servePage({ source: feed.source, folder });
    const page = await visit(first.url);
    const { port, token } = first;
    await first.close();
    await page.locator('#connection[data-state="lost"]').waitFor();
    feed.turn();
    const second = await servePage({ source: feed.source, folder, port, token });
    try {
      await page.locator('#connection[data-state="live"]').waitFor();
      await expect.poll(() => shownTree(page)).toEqual(feed.source.tree().root);
      await second.close();
      const stranger = await servePage({ source: feed.source, folder, port });
      await page.locator('#connection[data-state="refused"]').waitFor();
      await stranger.close();
    } finally {
      await page.close();
      await second.close();
    }
  });

  test('a page from elsewhere gets nothing, with the visitor logged in', async () => {
    const feed = new FakeFeed();
    const server = await servePage({ source: feed.source, folder });
    const elsewhere = createServer((_, response) => {
      response.setHeader('Content-Type', 'text/html');
      response.end('<title>elsewhere</title>');
    });
    await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve));
    const page = await visit(server.url);
    try {
      await page.goto(`http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}/`);
      const tries = await page.evaluate(async (address) => {
        const outcome = async (path: string, options: RequestInit) =>
          fetch(`${address}${path}`, { credentials: 'include', ...options }).then(
            ({ type, status }) => `${type} ${status}`,
            () => 'refused',
          );
        const streamed = new Promise((resolve) => {
          const source = new EventSource(`${address}feed`, { withCredentials: true });
          source.onmessage = () => resolve('heard');
          source.onerror = () => resolve('refused');
        });
        const framed = new Promise((resolve) => {
          const script = document.createElement('script');
          script.src = `${address}main.js`;
          script.onload = () => resolve('loaded');
          script.onerror = () => resolve('refused');
          document.head.append(script);
        });
        return Promise.all([
          outcome('tree', {}),
          outcome('tree', { mode: 'no-cors' }),
          outcome('control', { method: 'POST', body: '{}' }),
          streamed,
          framed,
        ]);
      }, server.address);
      expect(tries).toEqual(['refused', 'refused', 'refused', 'refused', 'refused']);
      await page.goto(server.address);
      expect(await page.title()).toBe('x2go-guardian');
      const stranger = await browser.newPage();
      expect((await stranger.goto(server.address))?.status()).toBe(403);
      await stranger.close();
    } finally {
      await page.close();
      await server.close();
      elsewhere.close();
      elsewhere.closeAllConnections();
    }
  });

  test('a session is suspended after a confirmation, where control was allowed', async () => {
    const asked: unknown[] = [];
    const { source } = new FakeFeed(2);
    const control = async (what: unknown) => void asked.push(what);
    const server = await servePage({ source: { ...source, control }, folder });
    const page = await visit(server.url);
    try {
      await page.locator('#tab-sessions').click();
      const suspend = page.locator('#sessions-body button.suspend').first();
      await suspend.click();
      await page.locator('#confirm-no').click();
      await suspend.click();
      expect(asked).toEqual([]);
      expect(await page.locator('#confirm-what').textContent()).toBe('suspend alice-0?');
      await page.locator('#confirm-yes').click();
      await expect.poll(() => asked).toEqual([{ verb: 'suspend', profile: 'p0', session: 'alice-0' }]);
    } finally {
      await page.close();
      await server.close();
    }
  });

  test('whoever looks at the end of the timeline goes on looking at it when the window becomes smaller', async () => {
    const feed = new FakeFeed(4);
    const server = await servePage({ source: feed.source, folder });
    const page = await visit(server.url);
    try {
      await page.locator('#tab-timeline').click();
      const isLastSeen = () =>
        page.locator('#timeline').evaluate(({ scrollTop, clientHeight, scrollHeight }) => {
          return scrollHeight > clientHeight && scrollTop + clientHeight >= scrollHeight - 1;
        });
      for (let n = 0; n < 60; n++) feed.turn();
      await expect.poll(isLastSeen).toBe(true);
      await page.setViewportSize({ width: 1280, height: 640 });
      feed.turn();
      await expect.poll(isLastSeen).toBe(true);
      await page.locator('#timeline').evaluate((box) => box.scrollTo(0, 100));
      await expect.poll(isLastSeen).toBe(false);
      const lines = () => page.locator('#lines').textContent();
      const before = await lines();
      feed.turn();
      await expect.poll(lines).not.toBe(before);
      expect(await isLastSeen()).toBe(false);
    } finally {
      await page.close();
      await server.close();
    }
  });

  test('the past is shown as such, stands still, and leads back', async () => {
    const feed = new FakeFeed(4);
    const server = await servePage({ source: feed.source, folder });
    const page = await visit(server.url);
    try {
      const before = await shownTree(page);
      await page.waitForFunction(() => Date.now() % 50 < 25);
      for (let n = 0; n < 30; n++) feed.turn();
      await expect.poll(() => shownTree(page)).toEqual(feed.source.tree().root);
      await page.locator('#slider').focus();
      await page.keyboard.press('Home');
      await expect.poll(() => page.locator('#past').textContent()).toContain('This is the past');
      expect(await shownTree(page)).toEqual(before);
      feed.turn();
      expect(await shownTree(page)).toEqual(before);
      await page.locator('#live').click();
      await expect.poll(() => shownTree(page)).toEqual(feed.source.tree().root);
      expect(await page.locator('#past').isVisible()).toBe(false);
    } finally {
      await page.close();
      await server.close();
    }
  });
});
