import type { Browser, Page } from 'playwright-core';

/** Somebody who looks at the live page, and remembers all that came to the browser. */
export interface Visitor {
  readonly page: Page;
  /** What the page complained about. */
  readonly troubles: readonly string[];
  /** All answers, the feed's lines among them, and the page as it is now. */
  everything(): Promise<string>;
}

export async function visit(browser: Browser, url: string): Promise<Visitor> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  const troubles: string[] = [];
  const heard: (string | Promise<string>)[] = [];
  page.on('console', (message) => message.type() === 'error' && troubles.push(message.text()));
  page.on('pageerror', ({ message }) => troubles.push(message));
  page.on('response', (response) => heard.push(JSON.stringify(response.headers())));
  // The feed never ends; its lines come by the way below.
  page.on('requestfinished', (request) => {
    heard.push(request.response().then((response) => response?.text().catch(() => '') ?? ''));
  });
  const wire = await page.context().newCDPSession(page);
  wire.on('Network.eventSourceMessageReceived', ({ data }) => heard.push(data));
  await wire.send('Network.enable');
  await page.goto(url);
  await page.locator('#connection[data-state="live"]').waitFor();
  await page.locator('#tree .row').first().waitFor();
  return {
    page,
    troubles,
    everything: async () => [...(await Promise.all(heard)), await page.content()].join('\n'),
  };
}

/** The tree that the page has. */
export const shownTree = (page: Page): Promise<unknown> =>
  page.evaluate('globalThis.x2goGuardianPage.tree()');

/** A session's row in the tree, by a word of its title. */
export const treeRow = (page: Page, title: string) =>
  page.locator(`#tree .row:not(.leaf):has(.title:text("${title}"))`);

export const tagOf = (page: Page, title: string) => treeRow(page, title).first().locator('.tag');
