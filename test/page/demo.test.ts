import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Cli, Place, runCli } from '../cli/support/cli.js';
import { describeChromium, launch } from './support/chromium.js';

interface Node {
  readonly id: string;
  readonly tags: readonly string[];
  readonly children: readonly Node[];
}

/** Which actors there are, and how they are. */
const outline = ({ id, tags, children }: Node): unknown => [id, tags, children.map(outline)];

describeChromium('the live page of the demo', () => {
  test('its sessions appear and change while one watches, and the tree is that of inspect --json', async () => {
    using place = new Place();
    const cli = new Cli(['demo', '--json'], place);
    const url = await cli.until(() => /http:\S+/.exec(cli.stderr)?.[0], 'the address');
    const browser = await launch();
    try {
      const page = await browser.newPage();
      const troubles: string[] = [];
      page.on('console', (message) => message.type() === 'error' && troubles.push(message.text()));
      page.on('pageerror', ({ message }) => troubles.push(message));
      await page.goto(url);
      const session = (name: string, state: string) =>
        page.locator(`#tree .row:has(.title:text("${name}")):has(.tag:text-is("${state}"))`);
      for (const [name, state] of [
        ['thunderbird', 'running'],
        ['firefox', 'running'],
        ['octave', 'suspended'],
        ['gimp', 'suspended'],
      ] as const)
        await session(name, state).waitFor({ timeout: 30_000 });
      await expect
        .poll(
          async () => {
            const shown = await page.evaluate('globalThis.x2goGuardianPage.tree()');
            const { stdout } = await runCli(['inspect', '--json'], place);
            const told = JSON.parse(stdout) as { root: Node };
            return JSON.stringify(outline(shown as Node)) === JSON.stringify(outline(told.root));
          },
          { timeout: 20_000 },
        )
        .toBe(true);
      expect(troubles).toEqual([]);
    } finally {
      await browser.close();
      cli.child.kill('SIGTERM');
    }
    expect((await cli.ended).code).toBe(0);
    expect(place.leftovers()).toEqual([]);
  });
});

test('where the page is, is told to this user alone, while it is there', async () => {
  using place = new Place();
  const cli = new Cli(['demo'], place);
  const url = await cli.until(() => /http:\S+/.exec(cli.stdout)?.[0], 'the address');
  const folder = join(place.runtime, 'x2go-guardian');
  const [file = ''] = readdirSync(folder);
  const modes = [folder, join(folder, file)].map((path) => statSync(path).mode & 0o777);
  expect(modes).toEqual([0o700, 0o600]);
  expect(await runCli(['inspect'], place)).toMatchObject({ code: 0, stdout: `${url}\n` });
  expect(await runCli(['inspect', '--pid', '1'], place)).toMatchObject({ code: 66 });
  await cli.until(() => /thunderbird/.test(cli.stdout), 'a session');
  const why = await runCli(['why', 'thunderbird'], place);
  expect(why.stdout).toMatch(/thunderbird.* is running since/);
  expect((await runCli(['why', 'nobody'], place)).code).toBe(66);
  cli.child.kill('SIGTERM');
  expect((await cli.ended).code).toBe(0);
  expect(place.leftovers()).toEqual([]);
  const none = await runCli(['inspect'], place);
  expect(none.code).toBe(66);
  expect(none.stderr).toContain('Start one with: x2go-guardian watch --inspect');
});
