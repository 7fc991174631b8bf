import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { mainFile } from './support/cli.js';
import { startServer } from './support/server.js';
import { hasTmux, Terminal } from './support/terminal.js';

const command = (...words: readonly string[]) => [process.execPath, mainFile, ...words].join(' ');
const isSane = 'cursor 1 alternate 0';

describe.skipIf(!hasTmux)('on a terminal', () => {
  test('watch draws a table in place, and gives the terminal back with a report', async () => {
    await using server = await startServer();
    const session = server.emulator.sessions.start();
    using terminal = new Terminal(server.place, 100, 20);
    // At the bottom of a full screen, where a line more moves all of them.
    const args = [...server.there, '--interval', '60000'];
    terminal.type(`seq 30; echo before; ${command('watch', ...args)}; echo "it ended: $?"`);
    await terminal.until('the session', (text) => text.includes(`${session}  running`));
    await terminal.until('its age without any event', (text) => /found [1-9]s ago/.test(text));
    expect(terminal.text).toContain(`● ${server.target}  connected`);

    server.emulator.sessions.suspend(session);
    const text = await terminal.until('its suspension', (seen) =>
      /suspended +\w+ +other +suspended/.test(seen),
    );
    expect(text.match(/SESSION +STATE +AGE +BY +LAST EVENT/g)).toHaveLength(1);
    expect(text.match(new RegExp(`^  ${session}`, 'gm'))).toHaveLength(1);

    terminal.key('C-c');
    const after = await terminal.until('the end', (seen) => seen.includes('it ended: 0'));
    expect(after).toMatch(/before\nGuarded 1 profile for .*, ended: SIGINT\.\n/);
    expect(after).toContain('1 session goes on there: 1 suspended');
    expect(after).not.toContain('LAST EVENT');
    expect(after).not.toContain('1 of 1 connected');
    expect(terminal.modes).toBe(isSane);
  });

  test('a window that changes leaves no piece of an older table', async () => {
    await using server = await startServer();
    for (let n = 0; n < 4; n++) server.emulator.sessions.start();
    using terminal = new Terminal(server.place, 100, 40);
    // With lines above it there is room for pieces that were not erased.
    terminal.type(`clear; seq 25; ${command('watch', ...server.there, '--interval', '60000')}`);
    await terminal.until('four sessions', (text) => (text.match(/ running /g) ?? []).length >= 4);
    for (const columns of [60, 110, 45, 100]) {
      terminal.resize(columns, 40);
      const text = await terminal.until(`a table of ${columns} columns`, (seen) => {
        const title = seen.split('\n').find((line) => line.includes('1 of 1 connected')) ?? '';
        return title.length <= columns && title.length > columns - 12;
      });
      expect(text.match(/x2go-guardian|SESSION|guarding 1 profile/g)).toHaveLength(3);
    }
  });

  test('the table counts down to the next attempt, and says why the last one failed', async () => {
    await using server = await startServer();
    const session = server.emulator.sessions.start();
    using terminal = new Terminal(server.place, 100, 20);
    terminal.type(command('watch', ...server.there));
    await terminal.until('the session', (text) => text.includes(session));
    await server.emulator.faults.refuse();
    await terminal.until('a countdown', (text) => /lost {2}attempt \d in \ds: Could not reach/.test(text));
    expect(terminal.text).toContain('(running)');
    await server.emulator.faults.heal();
    await terminal.until('its return', (text) => /● .*connected/.test(text));
    expect(terminal.text).toMatch(new RegExp(`^  ${session}  running`, 'm'));
    terminal.key('C-c');
    await terminal.until('the end', (text) => text.includes('Everything of ours is closed.'));
  });

  test('the table fits narrow and short windows, and follows when they change', async () => {
    await using server = await startServer();
    for (let n = 0; n < 6; n++) server.emulator.sessions.start();
    using terminal = new Terminal(server.place, 60, 15);
    terminal.type('clear; echo before');
    terminal.type(command('watch', ...server.there));
    await terminal.until('six sessions', (text) => (text.match(/running/g) ?? []).length >= 6);
    for (const [columns, rows] of [
      [40, 15],
      [90, 15],
      [30, 7],
      [100, 24],
    ] as const) {
      terminal.resize(columns, rows);
      const fits = (text: string) => {
        const lines = text.split('\n').filter((line) => /alice-5|SESSION/.test(line));
        return (
          lines.length > 0 && (columns < 66 || /LAST EVENT/.test(text)) && text.split('SESSION').length === 2
        );
      };
      await terminal.until(`a table of ${columns} columns`, fits);
      // A line that had been wrapped would begin with the rest of a name.
      for (const line of terminal.screen) expect(line).not.toMatch(/^(\d+_st|st[RD]|_dp|\d* *running)/);
    }
    terminal.key('C-c');
    const after = await terminal.until('the end', (text) => text.includes('Everything of ours is closed.'));
    expect(after).not.toContain('LAST EVENT');
    expect(terminal.modes).toBe(isSane);
  });

  test('kill -9 leaves no cursor hidden and no other screen', async () => {
    await using server = await startServer();
    using terminal = new Terminal(server.place, 80, 15);
    terminal.type(`${command('watch', ...server.there)} & echo $! > ${server.place.file('pid')}; fg`);
    await terminal.until('the table', (text) => text.includes('connected'));
    process.kill(Number(readFileSync(server.place.file('pid'), 'utf8')), 'SIGKILL');
    await terminal.until('the prompt', (text) => text.includes('Killed'));
    expect(terminal.modes).toBe(isSane);
    await terminal.settings();
  });

  test.each(['C-z'])('%s and fg draw it anew below', async (key) => {
    await using server = await startServer();
    using terminal = new Terminal(server.place, 80, 24);
    terminal.type(command('watch', ...server.there));
    await terminal.until('the table', (text) => text.includes('● '));
    terminal.key(key);
    await terminal.until('the shell', (text) => /Stopped/.test(text));
    terminal.type('echo meanwhile; fg');
    const text = await terminal.until('the table again', (seen) => /meanwhile\n(.*\n)+● /.test(seen));
    expect(text).toContain('Stopped');
    terminal.key('C-c');
    await terminal.until('the end', (seen) => seen.includes('Everything of ours is closed.'));
  });

  test('an unknown host is asked about; no is no, and yes is remembered', async () => {
    await using server = await startServer();
    const file = server.place.file('new');
    const args = ['sessions', server.target, '-i', server.keyFile, '--known-hosts', file];
    using terminal = new Terminal(server.place, 90, 24);
    terminal.type(`${command(...args)}; echo "it ended: $?"`);
    const question = await terminal.until('the question', (text) => text.includes('remember this key?'));
    expect(question.replace(/\s|│/g, '')).toContain(server.emulator.fingerprint);
    terminal.key('Enter');
    await terminal.until('the refusal', (text) => text.includes('it ended: 76'));
    expect(existsSync(file)).toBe(false);
    expect(server.emulator.authAttempts).toEqual([]);

    terminal.type(`clear; ${command(...args)}; echo "it ended: $?"`);
    await terminal.until('the question', (text) => text.includes('remember this key?'));
    terminal.key('y');
    await terminal.until(
      'the listing',
      (text) => text.includes('no sessions') && text.includes('it ended: 0'),
    );
    expect(readFileSync(file, 'utf8')).toBe(`${server.emulator.knownHostsLine}\n`);
    await terminal.settings();
    expect(terminal.modes).toBe(isSane);
  });

  test('a password is asked for once, hidden, and opens the door again after a lost line', async () => {
    await using server = await startServer({ password: 'secret' });
    using terminal = new Terminal(server.place, 90, 24);
    terminal.type(command('watch', server.target, '--known-hosts', server.knownHosts));
    await terminal.until('the question', (text) => text.includes('Password'));
    terminal.type('secret');
    await terminal.until('the table', (text) => /● .*connected/.test(text));
    expect(terminal.text).not.toContain('secret');
    await server.emulator.faults.close();
    await terminal.until('the second connection', () => server.emulator.connectionsAccepted === 2);
    await terminal.until('the table', (text) => /● .*connected {2}for \ds/.test(text));
    expect(terminal.text.match(/Password/g)).toHaveLength(1);
    terminal.key('C-c');
    await terminal.until('the end', (text) => text.includes('Everything of ours is closed.'));
  });

  test.each([
    ['Ctrl-C', 0],
    ['SIGTERM', 0],
  ] as const)('%s while a question is asked ends it, and the terminal is as it was', async (how, code) => {
    await using server = await startServer({
      keyboardInteractive: [{ prompt: 'Code: ', answer: '1', echo: true }],
    });
    using terminal = new Terminal(server.place, 90, 24);
    const pidFile = server.place.file('pid');
    const args = ['watch', server.target, '--known-hosts', server.knownHosts];
    terminal.type(`sh -c 'echo $$ > ${pidFile}; exec ${command(...args)}'; echo "it ended: $?"`);
    await terminal.until('the question', (text) => text.includes('Code'));
    if (how === 'Ctrl-C') terminal.key('C-c');
    else process.kill(Number(readFileSync(pidFile, 'utf8')), how);
    await terminal.until('the end', (text) => text.includes(`it ended: ${code}`));
    await terminal.settings();
    expect(terminal.modes).toBe(isSane);
  });

  test('with --json the question is not on stdout, and --non-interactive asks nothing', async () => {
    await using server = await startServer();
    const file = server.place.file('new');
    const out = server.place.file('out');
    const args = ['sessions', server.target, '-i', server.keyFile, '--known-hosts', file, '--json'];
    using terminal = new Terminal(server.place, 90, 24);
    for (const refusing of [command(...args, '--non-interactive'), `${command(...args)} 2> ${out}`]) {
      terminal.type(`clear; ${refusing}; echo "it ended: $?"`);
      await terminal.until(
        'the refusal',
        (text) => text.includes('hostKey.unknown') && text.includes('it ended: 76'),
      );
      expect(terminal.text).not.toContain('remember this key?');
    }
    terminal.type(`clear; ${command(...args)} > ${out}; echo "it ended: $?"`);
    await terminal.until('the question', (text) => text.includes('remember this key?'));
    terminal.key('y');
    await terminal.until('the end', (text) => text.includes('it ended: 0'));
    expect(readFileSync(out, 'utf8')).toBe('');
  });

  test('NO_COLOR is honoured, and a dumb terminal gets lines', async () => {
    await using server = await startServer();
    using terminal = new Terminal(server.place, 90, 24, { NO_COLOR: '1' });
    terminal.type(`TERM=dumb ${command('watch', ...server.there)}`);
    await terminal.until('a line', (text) => /\d\d {2}alice@\S+ {2}profile\.connected/.test(text));
    terminal.key('C-c');
    await terminal.until('the end', (text) => text.includes('Everything of ours is closed.'));
    terminal.type(command('watch', ...server.there));
    await terminal.until('the table', (text) => text.includes('● '));
    expect(terminal.colours).toEqual([]);
  });
});
