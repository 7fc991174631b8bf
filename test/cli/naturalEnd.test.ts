import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { eventually } from '../support/real/eventually.js';
import { isAlive } from '../support/real/processes.js';
import { Cli, mainFile, type Place } from './support/cli.js';
import { type Server, startServer } from './support/server.js';
import { hasTmux, Terminal } from './support/terminal.js';

/** `beforeExit` comes when nothing is left that could happen, and never with process.exit(). */
function telling(place: Place): { readonly NODE_OPTIONS: string } {
  const file = place.file('tell.mjs');
  writeFileSync(file, "process.on('beforeExit', () => console.error('nothing holds it'));");
  return { NODE_OPTIONS: `--import=${file}` };
}

describe.concurrent('when it ends nothing holds the process', () => {
  test.each([
    ['sessions', (server: Server) => ['sessions', ...server.there]],
    ['a refused login', (server: Server) => ['sessions', server.target, '--known-hosts', server.knownHosts]],
    ['a password', (server: Server) => ['features', ...server.there, '--password-stdin']],
    ['doctor', (server: Server) => ['doctor', ...server.there]],
    ['demo', () => ['demo', '--duration', '1000']],
    ['help', () => ['--help']],
  ] as const)('%s', async (_, args) => {
    await using server = await startServer();
    const cli = new Cli(args(server), server.place, { env: server.place.env(telling(server.place)) });
    cli.child.stdin?.write('secret\n');
    const { stderr } = await cli.ended;
    expect(stderr).toContain('nothing holds it');
  });

  test.each(['SIGTERM', 'SIGINT'] as const)('watch, after %s', async (signal) => {
    await using server = await startServer();
    const args = ['watch', ...server.there, '--json'];
    const cli = new Cli(args, server.place, { env: server.place.env(telling(server.place)) });
    await cli.event('cache.refreshed');
    cli.child.kill(signal);
    expect((await cli.ended).stderr).toBe('nothing holds it\n');
  });

  test.skipIf(!hasTmux).each(['sessions', 'watch'])('%s, after a question on a terminal', async (command) => {
    await using server = await startServer();
    using terminal = new Terminal(server.place, 90, 24, telling(server.place));
    const args = [command, server.target, '-i', server.keyFile, '--known-hosts', server.place.file('new')];
    terminal.type(`${process.execPath} ${mainFile} ${args.join(' ')}; echo "it ended: $?"`);
    await terminal.until('the question', (text) => text.includes('remember this key?'));
    terminal.key('C-c');
    await terminal.until('the end', (text) => text.includes(`it ended: ${command === 'watch' ? 0 : 1}`));
    expect(terminal.text).toContain('nothing holds it');
  });

  test.skipIf(!hasTmux).each([
    ['SIGHUP', ''],
    ['an error at the next write', "trap '' HUP; "],
  ])('when the terminal goes away, told by %s', async (_, trap) => {
    await using server = await startServer();
    const terminal = new Terminal(server.place, 90, 24);
    const [stderr, code] = [server.place.file('stderr'), server.place.file('code')];
    const command = [process.execPath, mainFile, 'watch', ...server.there, `2> ${stderr}`].join(' ');
    // The shell that writes the code down must outlive its terminal, and must not read from it.
    const pid = server.place.file('pid');
    const script = trap === '' ? `echo $$ > ${pid}; exec ${command}` : `${trap}${command}; echo $? > ${code}`;
    writeFileSync(server.place.file('script'), script);
    terminal.type(`exec sh ${server.place.file('script')}`);
    await terminal.until('the table', (text) => /● .*connected/.test(text));
    terminal[Symbol.dispose]();
    if (trap === '') await eventually('its end', () => !isAlive(Number(readFileSync(pid, 'utf8'))));
    else await eventually('its code', () => existsSync(code) && readFileSync(code, 'utf8') === '0\n');
    await eventually('no connection', () => server.emulator.connections === 0);
    expect(readFileSync(stderr, 'utf8')).toBe('');
  });
});
