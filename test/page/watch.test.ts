import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Cli } from '../cli/support/cli.js';
import { type Server, startServer } from '../cli/support/server.js';
import { childrenOf, lookAt } from '../support/real/processes.js';
import { describeChromium, launch } from './support/chromium.js';
import { visit } from './support/visitor.js';

const password = 'canary-password-5e8';

describeChromium('the live page of watch --inspect', () => {
  let browser: Browser;
  let server: Server;
  let session: string;
  beforeAll(async () => {
    browser = await launch();
    server = await startServer({ password });
    session = server.emulator.sessions.start();
  });
  afterAll(async () => {
    await browser?.close();
    await server?.[Symbol.asyncDispose]();
  });

  const stateOf = () => server.emulator.sessions.store.all.find((one) => one.session === session)?.state;
  const watch = (...more: readonly string[]) => {
    const words = [server.target, '--known-hosts', server.knownHosts, '--password-stdin', '--json'];
    const cli = new Cli(['watch', ...words, ...more, '--inspect'], server.place);
    cli.child.stdin?.end(`${password}\n`);
    return cli;
  };
  const addressOf = (cli: Cli) => cli.until(() => /http:\S+/.exec(cli.stderr)?.[0], 'the address');

  test('without --allow-control it offers nothing to do, and the server refuses who asks all the same', async () => {
    const cli = watch();
    const { page, troubles } = await visit(browser, await addressOf(cli));
    try {
      await page.locator('#tab-sessions').click();
      await page.locator(`#sessions-body tr:has-text("${session}"):has(.tag:text-is("running"))`).waitFor();
      expect(await page.locator('#sessions-body button').count()).toBe(0);
      expect(troubles).toEqual([]);
      const asked = await page.evaluate(
        async (body) => {
          const response = await fetch('/control', { method: 'POST', body });
          return `${response.status} ${await response.text()}`;
        },
        JSON.stringify({ verb: 'suspend', profile: server.target, session }),
      );
      expect(asked).toMatch(/^403 Only looking is allowed here; --allow-control allows more/);
      expect(stateOf()).toBe('RUNNING');
    } finally {
      await page.close();
      cli.child.kill('SIGTERM');
    }
    expect((await cli.ended).code).toBe(0);
  });

  test('with it a session is suspended, once that was confirmed; no secret is in the page or a command line', async () => {
    const cli = watch('--allow-control');
    const visitor = await visit(browser, await addressOf(cli));
    const { page } = visitor;
    try {
      await page.locator('#tab-sessions').click();
      const row = page.locator(`#sessions-body tr:has-text("${session}")`);
      await row.locator('button.suspend').click();
      expect(await page.locator('#confirm-what').textContent()).toBe(`suspend ${session}?`);
      await page.keyboard.press('Escape');
      await page.locator('#confirm').waitFor({ state: 'hidden' });
      expect(stateOf()).toBe('RUNNING');
      await row.locator('button.suspend').click();
      await page.locator('#confirm-yes').click();
      await row.locator('.tag:text-is("suspended")').waitFor();
      expect(stateOf()).toBe('SUSPENDED');
      expect(await page.locator('#notice').isVisible()).toBe(false);

      const cookie = server.emulator.sessions.store.all.map((one) => one.cookie).join();
      expect(cookie).not.toBe('');
      const commandLines = [lookAt(cli.pid), ...childrenOf(cli.pid)].map((one) => one?.cmdline).join('\n');
      expect(commandLines).toContain('watch');
      const seen = `${await visitor.everything()}\n${commandLines}`;
      expect(seen).toContain('"t":"state"');
      for (const secret of [password, cookie]) expect(seen.includes(secret), secret).toBe(false);
      expect(visitor.troubles).toEqual([]);
    } finally {
      await page.close();
      cli.child.kill('SIGTERM');
    }
    expect((await cli.ended).code).toBe(0);
    expect(server.place.leftovers()).toEqual([]);
    await expect(fetch(new URL('/', await addressOf(cli)))).rejects.toThrow();
  });
});
