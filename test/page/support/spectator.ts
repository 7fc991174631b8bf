import { pageFolder, pageOf } from '../../../src/cli/page.js';
import type { Guardian } from '../../../src/index.js';
import { servePage } from '../../../src/inspection/pageServer.js';
import { hasChromium, launch } from './chromium.js';
import { type Visitor, visit } from './visitor.js';

/** Somebody who has the live page of a guardian of one session open. */
export interface Spectator extends Visitor {
  /** Resolves when the session is said to be so in the tree and in the table. */
  sees(state: string): Promise<void>;
  leave(): Promise<void>;
}

/** Undefined where there is no Chromium. */
export async function spectate(guardian: Guardian): Promise<Spectator | undefined> {
  if (!hasChromium) return undefined;
  const server = await servePage({ source: pageOf(guardian, {}), folder: pageFolder() });
  const browser = await launch();
  const leave = async () => {
    await browser.close();
    await server.close();
  };
  try {
    const visitor = await visit(browser, server.url);
    const { page } = visitor;
    await page.locator('#tab-sessions').click();
    const rows = ['#tree .row:not(.leaf)[aria-level="3"]', '#sessions-body tr.session'];
    return {
      ...visitor,
      sees: async (state) => {
        await Promise.all(rows.map((row) => page.locator(`${row} .tag:text-is("${state}")`).waitFor()));
      },
      leave,
    };
  } catch (cause) {
    await leave();
    throw cause;
  }
}
