import { readdirSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { complaints } from '../schema/support/eventSchema.js';
import { eventually } from '../support/real/eventually.js';
import { stubNxproxy } from '../support/stubNxproxy/stubNxproxy.js';
import { stubScreen } from '../support/stubNxproxy/stubScreen.js';
import { Cli, type Ended, type Line, linesOf } from './support/cli.js';
import { type Server, startServer } from './support/server.js';

/** Several commands one after the other, beside other tests. */
const timeout = 90_000;

interface Desk extends Server {
  readonly file: string;
  /** Writes the file: each session is of this server's profile unless it says otherwise. */
  wants(...sessions: readonly object[]): void;
  /** A command with the file, on a stub of a screen. */
  run(...words: readonly string[]): Cli;
}

async function openDesk(): Promise<Desk> {
  const server = await startServer();
  const [stub, screen] = [stubNxproxy(), await stubScreen()];
  const { place, keyFile, knownHosts } = server;
  const file = place.file('sessions.json');
  const { HOME: _home, ...seat } = stub.env({ DISPLAY: screen.display });
  return {
    ...server,
    file,
    wants: (...sessions) => {
      const all = sessions.map((one) => ({
        profile: server.target,
        kind: 'application',
        sound: false,
        ...one,
      }));
      writeFileSync(file, JSON.stringify({ sessions: all }, undefined, 2));
    },
    run: (...words) =>
      new Cli([...words, '-i', keyFile, '--known-hosts', knownHosts], place, { env: place.env(seat) }),
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await screen.stop();
      stub.remove();
    },
  };
}

const checked = ({ code, stdout, stderr }: Ended, wanted = 0): readonly Line[] => {
  expect({ code, stderr: wanted === 0 ? stderr : '' }).toEqual({ code: wanted, stderr: '' });
  const lines = linesOf(stdout);
  expect(lines.flatMap(complaints)).toEqual([]);
  return lines;
};
const told = (lines: readonly Line[], event: string) => lines.filter((line) => line.event === event);
const listed = ({ emulator }: Desk) => emulator.sessions.list().filter(({ status }) => status !== 'F');

describe.concurrent('plan and apply', { timeout }, () => {
  test('plan tells and touches nothing; apply does it and leaves all suspended; a second apply does nothing', async () => {
    await using desk = await openDesk();
    desk.wants({ name: 'mail', command: 'mutt' }, { name: 'paint', command: 'gimp', state: 'suspended' });
    const plan = checked(await desk.run('plan', desk.file, '--json').ended);
    expect(plan).toMatchObject([
      { event: 'wanted.planned', name: 'mail', action: 'start', wanted: 'running', adopts: false },
      { event: 'wanted.planned', name: 'paint', action: 'start', wanted: 'suspended' },
    ]);
    expect(listed(desk)).toEqual([]);
    expect(desk.place.leftovers()).toEqual([]);

    const first = checked(await desk.run('apply', desk.file, '--json').ended);
    expect(told(first, 'wanted.applied')).toMatchObject([
      { name: 'mail', action: 'start', outcome: 'done', session: expect.stringContaining('mutt') },
      { name: 'paint', action: 'start', outcome: 'done', session: expect.stringContaining('gimp') },
    ]);
    const rows = listed(desk);
    expect(rows.map(({ status }) => status)).toEqual(['S', 'S']);

    const second = checked(await desk.run('apply', desk.file, '--json').ended);
    expect(second.map(({ event, action }) => `${event} ${action}`)).toEqual(
      Array(2).fill('wanted.planned none'),
    );
    expect(listed(desk)).toMatchObject(rows.map(({ session, status }) => ({ session, status })));
    expect(desk.place.leftovers()).toEqual([]);
    expect(
      readdirSync(`${desk.place.state}/x2go-guardian`).filter((name) => !name.startsWith('wanted-')),
    ).toEqual([]);
  });

  test('for people: a line for each, and the sum', async () => {
    await using desk = await openDesk();
    desk.wants({ name: 'mail', command: 'mutt' });
    const { stdout, stderr } = await desk.run('plan', desk.file).ended;
    expect(stderr).toBe('');
    expect(stdout).toBe(
      `${desk.target}  mail          start    there is none yet\n1 to do, 0 left as they are.\n`,
    );
    expect((await desk.run('apply', desk.file).ended).stdout).toMatch(/mail +start +done in .*\n1 seen to/);
    expect((await desk.run('apply', desk.file).ended).stdout).toContain(
      'Nothing to do: all 1 are left as they are.',
    );
  });

  test('a session of somebody else is left alone, and taken with --adopt', async () => {
    await using desk = await openDesk();
    const theirs = desk.emulator.sessions.start({ command: 'mutt' });
    await eventually('its agent', () => desk.emulator.sessions.get(theirs).state === 'RUNNING');
    desk.wants({ name: 'mail', command: 'mutt' });
    const plan = checked(await desk.run('plan', desk.file, '--json').ended);
    expect(plan).toMatchObject([{ action: 'start', adopts: false }]);
    const adopted = checked(await desk.run('apply', desk.file, '--adopt', '--json').ended);
    expect(adopted).toMatchObject([
      { event: 'wanted.planned', action: 'adopt', adopts: true, session: theirs },
      { event: 'wanted.applied', action: 'adopt', session: theirs },
    ]);
    const after = checked(await desk.run('apply', desk.file, '--json').ended);
    expect(after).toMatchObject([{ action: 'none', session: theirs }]);
    expect(desk.emulator.sessions.get(theirs).state).toBe('RUNNING');
  });

  test('what the file names no more is told of, and ended with --prune', async () => {
    await using desk = await openDesk();
    desk.wants({ name: 'mail', command: 'mutt' }, { name: 'paint', command: 'gimp' });
    await desk.run('apply', desk.file).ended;
    desk.wants({ name: 'mail', command: 'mutt' });
    expect(checked(await desk.run('apply', desk.file, '--json').ended)).toMatchObject([
      { name: 'paint', action: 'none', wanted: 'gone' },
      { name: 'mail', action: 'none' },
    ]);
    const pruned = checked(await desk.run('apply', desk.file, '--prune', '--json').ended);
    expect(told(pruned, 'wanted.applied')).toMatchObject([
      { name: 'paint', action: 'terminate', outcome: 'done' },
    ]);
    expect(listed(desk).map(({ command }) => command)).toEqual(['mutt']);
  });

  test.each([
    [
      'before there is a session',
      (desk: Desk) => desk.emulator.commandsServed.includes('start'),
      'x2gostartagent',
    ],
    ['while it comes to the screen', (desk: Desk) => desk.emulator.sessions.list().length > 0, undefined],
  ] as const)('SIGTERM in the middle of a start, %s, leaves nothing', async (_, isThere, hanging) => {
    await using desk = await openDesk();
    desk.wants({ name: 'mail', command: 'mutt' });
    if (hanging !== undefined) desk.emulator.faults.hang(hanging);
    const cli = desk.run('apply', desk.file, '--json');
    await cli.event('wanted.planned');
    await eventually('the start', () => isThere(desk), { everyMs: 2 });
    cli.child.kill('SIGTERM');
    const { code, stdout } = await cli.ended;
    expect(code).toBe(1);
    expect(linesOf(stdout).at(-1)).toMatchObject({ failure: { code: 'call.aborted' } });
    expect(listed(desk)).toEqual([]);
    expect(desk.place.leftovers()).toEqual([]);
    await eventually('its lines to be closed', () => desk.emulator.connections === 0);
  });

  test('a server that cannot be reached is told, and the sessions of the others are seen to', async () => {
    await using desk = await openDesk();
    desk.wants(
      { name: 'mail', command: 'mutt' },
      { name: 'far', command: 'mutt', profile: 'alice@127.0.0.1:1' },
    );
    const lines = checked(await desk.run('apply', desk.file, '--json').ended, 69);
    expect(told(lines, 'wanted.applied')).toMatchObject([{ name: 'mail', outcome: 'done' }]);
    expect(lines.at(-1)).toMatchObject({ event: 'command.failed', profile: 'alice@127.0.0.1:1' });
  });
});

describe.concurrent('watch --apply', { timeout }, () => {
  test('starts what is wanted, brings back what is killed, and suspends it at the end', async () => {
    await using desk = await openDesk();
    desk.wants({ name: 'mail', command: 'mutt' }, { name: 'paint', command: 'gimp', state: 'suspended' });
    const cli = desk.run('watch', '--apply', desk.file, '--interval', '1000', '--json');
    const first = await cli.event('wanted.applied', ({ name }) => name === 'mail');
    await cli.event('wanted.applied', ({ name }) => name === 'paint');
    desk.emulator.sessions.terminate(String(first.session));
    const back = await cli.event(
      'wanted.applied',
      ({ name, session }) => name === 'mail' && session !== first.session,
    );
    expect(back).toMatchObject({ action: 'start', outcome: 'done' });
    cli.child.kill('SIGTERM');
    checked(await cli.ended);
    const left = listed(desk).map(
      ({ session, command }) => `${command} ${desk.emulator.sessions.get(session).state}`,
    );
    expect(left.sort()).toEqual(['gimp SUSPENDED', 'mutt SUSPENDED']);
    expect(desk.place.leftovers()).toEqual([]);
  });
});

test.each([
  ['an unknown key', '{"sessions": [{"name": "a",\n  "profil": "b"}]}', '2:3', '"profil" is not known here'],
  ['a wrong type', '{"sessions": [\n\n    {"name": 5, "profile": "b"}]}', '3:14', 'this must be a name'],
  ['what is no YAML', 'sessions: [', '1:12', 'Flow sequence in block collection must'],
  [
    'a margin that is none',
    'sessions:\n  - name: a\n     profile: b\n',
    '2:11',
    'Nested mappings are not allowed',
  ],
])(
  '%s exits 78, with line and column, before anything is done',
  { timeout },
  async (_, text, place, reason) => {
    await using desk = await openDesk();
    writeFileSync(desk.file, text);
    for (const words of [
      ['plan', desk.file],
      ['apply', desk.file],
      ['watch', '--apply', desk.file],
    ]) {
      const { code, stdout, stderr } = await desk.run(...words, '--json').ended;
      expect(code).toBe(78);
      expect(stderr).toContain(`${desk.file}:${place}: ${reason}`);
      expect(linesOf(stdout)).toMatchObject([
        { event: 'command.failed', failure: { code: 'config.invalid' } },
      ]);
    }
    expect(desk.emulator.commandsServed).toEqual([]);
  },
);
