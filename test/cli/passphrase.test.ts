/** The passphrase of a key is typed once, and then is nowhere. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { eventually } from '../support/real/eventually.js';
import { childrenOf, lookAt } from '../support/real/processes.js';
import { mainFile, runCli } from './support/cli.js';
import { startServer } from './support/server.js';
import { hasTmux, Terminal } from './support/terminal.js';

const passphrase = 'canary-passphrase-4f7';

describe.skipIf(!hasTmux)('a key with a passphrase', () => {
  test('opens what it is for; its passphrase is in no output, log, recording, page, tree or command line', async () => {
    const keyed = keyWithPassphrase();
    await using server = await startServer({ authorizedKeys: [keyed.publicKey] });
    const session = server.emulator.sessions.start();
    using terminal = new Terminal(server.place, 120, 30);
    const { place } = server;
    const [screen, out, recording] = [place.file('screen'), place.file('out'), place.file('run.ndjson')];
    const pidFile = place.file('pid');
    keyed.writeTo(place.file('locked'));
    const read = (file: string) => readFileSync(file, 'utf8');

    terminal.keep(screen);
    const words = [
      ...['watch', server.target, '-i', place.file('locked'), '--known-hosts', server.knownHosts],
      ...['--json', '--log-level', 'trace', '--record', recording, '--inspect', '--interval', '200'],
    ];
    const run = `exec ${process.execPath} ${mainFile} ${words.join(' ')} > ${out}`;
    terminal.type(`clear; sh -c 'echo $$ > ${pidFile}; ${run}'; echo "it ended: $?"`);
    await terminal.until('the question', () => /Passphrase/i.test(read(screen)));
    terminal.type(passphrase);
    await terminal.until('the session', () => read(out).includes(session));

    const pid = Number(read(pidFile));
    const [url = ''] = /http:\S+?(?=[\s\x1b])/.exec(read(screen)) ?? [];
    const tree = await runCli(['inspect', '--json'], place);
    const why = await runCli(['why', session, '--json'], place);
    const page = await (await fetch(url)).text();
    expect({ tree: tree.code, why: why.code, stderr: tree.stderr + why.stderr }).toEqual({
      tree: 0,
      why: 0,
      stderr: '',
    });
    const commandLines = [lookAt(pid), ...childrenOf(pid)].map((one) => one?.cmdline).join('\n');
    expect(commandLines).toContain('--record');

    terminal.key('C-c');
    await eventually(
      () => `the end; so far\n${read(screen).slice(-500)}`,
      () => read(screen).includes('it ended: 0') || undefined,
      { timeoutMs: 15_000, everyMs: 40 },
    );
    const seen = {
      ...{ screen: read(screen), out: read(out), recording: read(recording) },
      ...{ tree: tree.stdout, why: why.stdout, page },
    };
    expect(seen.screen).toContain('"event":"actor.changed"');
    for (const told of Object.values(seen)) expect(told.length).toBeGreaterThan(100);
    for (const [where, text] of Object.entries({ ...seen, commandLines }))
      expect([where, text.includes(passphrase)]).toEqual([where, false]);
  }, 60_000);
});

/** What ssh-keygen makes is what people have. */
function keyWithPassphrase() {
  const folder = mkdtempSync(join(tmpdir(), 'keys-'));
  try {
    const file = join(folder, 'key');
    spawnSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', passphrase, '-f', file]);
    const privateKey = readFileSync(file);
    return {
      publicKey: readFileSync(`${file}.pub`, 'utf8').trim(),
      writeTo: (place: string) => writeFileSync(place, privateKey, { mode: 0o600 }),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
