import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { complaints } from '../schema/support/eventSchema.js';
import { type HopServer, startHop } from '../ssh/support/hop.js';
import { startProxy } from '../ssh/support/httpProxy.js';
import { eventually } from '../support/real/eventually.js';
import { stubNxproxy } from '../support/stubNxproxy/stubNxproxy.js';
import { stubScreen } from '../support/stubNxproxy/stubScreen.js';
import { Cli, type Ended, linesOf, Place, runCli } from './support/cli.js';
import { type Server, startServer } from './support/server.js';

const fileOf = ({ home }: Place) => join(home, '.x2goclient', 'sessions');
const textOf = (place: Place) => readFileSync(fileOf(place), 'utf8');
function write(place: Place, text: string): void {
  mkdirSync(join(place.home, '.x2goclient'), { recursive: true });
  writeFileSync(fileOf(place), text);
}
function checked(ended: Ended, code = 0): readonly Readonly<Record<string, unknown>>[] {
  const lines = linesOf(ended.stdout);
  expect(lines.flatMap(complaints)).toEqual([]);
  expect(ended.code).toBe(code);
  return lines;
}

const two = '[1]\nname=office\nhost=x2go.example.org\nuser=alice\ncommand=MATE\n[2]\nhost=\n';

describe.concurrent("x2goclient's profiles", () => {
  test('are listed, for people and for programs, those that cannot be used with the reason', async () => {
    using place = new Place();
    write(place, two);
    const table = await runCli(['profiles'], place);
    expect(table).toMatchObject({ code: 0, stderr: '' });
    expect(table.stdout).toMatch(/^PROFILE +ID +TARGET +KIND +SOURCE\noffice +1 +alice@x2go.example.org/);
    expect(table.stdout).toContain('(it names no host)');
    expect(checked(await runCli(['profiles', '--json'], place))).toMatchObject([
      { profile: 'office', id: '1', user: 'alice', port: 22, kind: 'desktop', source: fileOf(place) },
      { profile: '2', id: '2', problem: 'it names no host' },
    ]);
    expect(textOf(place)).toBe(two);
  });

  test('are shown with what they come to and where each value is from', async () => {
    using place = new Place();
    write(place, two);
    const shown = await runCli(['profiles', 'show', 'office', '--json'], place);
    expect(checked(shown)).toMatchObject([
      {
        event: 'profile.shown',
        order: { kind: 'desktop', command: 'MATE', geometry: '800x600' },
        values: { host: { value: 'x2go.example.org', file: fileOf(place) } },
      },
    ]);
    expect((await runCli(['profiles', 'show', '1'], place)).stdout).toContain('  command = "MATE"');
    checked(await runCli(['profiles', 'show', '2', '--json'], place), 78);
  });

  test('are added, changed and removed; the file as it was is kept', async () => {
    using place = new Place();
    const change = async (...args: string[]) => {
      const [line] = checked(await runCli(['profiles', ...args, '--json'], place));
      return line;
    };
    const added = await change('add', 'Büro', '--set', 'host=h.example', '--set', 'user=alice');
    expect(added).toMatchObject({ event: 'profile.changed', how: 'added', backup: null });
    expect(textOf(place)).toMatch(
      /^\[\d{17}\]\nhost=h.example\nuser=alice\nname=B\\xfcro\nwidth=800\nheight=600\n$/,
    );
    const text = textOf(place);
    expect(await change('edit', 'Büro', '--set', 'host=h.example')).toMatchObject({ how: 'unchanged' });
    expect(textOf(place)).toBe(text);
    expect(await change('edit', 'Büro', '--set', 'sshport=2222', '--unset', 'user')).toMatchObject({
      how: 'changed',
      backup: `${fileOf(place)}.bak`,
    });
    expect(textOf(place)).toBe(text.replace('user=alice\n', '').replace(/$/, 'sshport=2222\n'));
    expect(readFileSync(`${fileOf(place)}.bak`, 'utf8')).toBe(text);
    expect(await change('remove', 'Büro')).toMatchObject({ how: 'removed' });
    expect(textOf(place)).toBe('');
    expect(readdirSync(join(place.home, '.x2goclient'))).toEqual(['sessions', 'sessions.bak']);
  });

  test('lose nothing to two commands at once', async () => {
    using place = new Place();
    const names = ['a', 'b', 'c', 'd'];
    const add = (name: string) => runCli(['profiles', 'add', name, '--set', `host=${name}`], place);
    expect((await Promise.all(names.map(add))).map(({ code }) => code)).toEqual([0, 0, 0, 0]);
    const listed = checked(await runCli(['profiles', '--json'], place));
    expect(listed.map(({ profile }) => profile).sort()).toEqual(names);
  });

  test.each([
    ['no such profile', 66, ['profiles', 'show', 'nobody']],
    ['none to change', 66, ['profiles', 'edit', 'nobody', '--set', 'user=u']],
    ['one that is there', 78, ['profiles', 'add', 'office', '--set', 'host=h']],
    ['a key that nobody knows', 2, ['profiles', 'edit', 'office', '--set', 'hots=h']],
    ['a value that is none', 2, ['profiles', 'edit', 'office', '--set', 'sshport=0']],
    ['no host', 2, ['profiles', 'add', 'new']],
    [
      'a folder that is not there',
      74,
      ['profiles', 'add', 'n', '--set', 'host=h', '--file', '/proc/no/no/s'],
    ],
    ['a profile that cannot be used', 78, ['sessions', '2']],
    ['nothing to start', 2, ['start', 'u@127.0.0.1:1', '--json']],
    ['--all and one', 2, ['sessions', 'office', '--all']],
  ])('%s exits with %d', async (_, code, args) => {
    using place = new Place();
    write(place, two);
    const ended = await runCli([...args, '--json'], place);
    expect(checked(ended, code).at(-1)).toMatchObject({ event: 'command.failed', exitCode: code });
    expect(textOf(place)).toBe(two);
  });

  test('that cannot be read are told: a folder in the place of the file', async () => {
    using place = new Place();
    mkdirSync(fileOf(place), { recursive: true });
    expect((await runCli(['profiles'], place)).code).toBe(74);
    expect((await runCli(['sessions', 'office'], place)).code).toBe(74);
  });

  test.each([
    ['NULs', '\0'.repeat(1_000), 'it is no text'],
    ['5 MiB', ';'.repeat(5 * 1024 * 1024), 'it is longer than 4096 KiB'],
  ])('that cannot be read are told, and never written: %s', async (_, text, why) => {
    using place = new Place();
    write(place, text);
    for (const args of [['profiles'], ['profiles', 'add', 'x', '--set', 'host=h']]) {
      const ended = await runCli(args, place);
      expect(ended.code).toBe(74);
      expect(ended.stderr).toContain(why);
    }
    expect(textOf(place)).toBe(text);
  });
});

const profileOf = ({ emulator, keyFile }: Server, more: string) =>
  `[1]\nname=office\nhost=127.0.0.1\nsshport=${emulator.port}\nuser=${emulator.user}\nkey=${keyFile}\nsound=false\n${more}`;

describe('a profile of x2goclient', () => {
  test('is a target by its name, and one of all', async () => {
    await using server = await startServer();
    const { place, knownHosts, emulator } = server;
    write(place, `${profileOf(server, '')}[2]\nhost=\n`);
    const session = emulator.sessions.start();
    await eventually('its agent', () => emulator.sessions.get(session).state === 'RUNNING');
    const named = await runCli(['sessions', 'office', '--known-hosts', knownHosts, '--json'], place);
    expect(checked(named)).toMatchObject([{ event: 'session.listed', profile: 'office', session }]);
    const all = await runCli(['sessions', '--all', '--known-hosts', knownHosts, '--json'], place);
    expect(checked(all, 78)).toMatchObject([
      { event: 'session.listed', profile: 'office', session },
      { event: 'command.failed', profile: '2', exitCode: 78 },
    ]);
  });

  describe('is reached by its SSH proxy', () => {
    const listed = (place: Place, knownHosts: string, input?: string) =>
      runCli(
        [
          ...['features', 'office', '--known-hosts', knownHosts, '--json'],
          ...(input === undefined ? [] : ['--password-stdin']),
        ],
        place,
        input === undefined ? {} : { input },
      );
    const hostsOf = ({ place, emulator }: Server, hop: HopServer): string => {
      const file = place.file('all-hosts');
      const hopLine = `[${hop.host}]:${hop.port} ${hop.hostKey}`;
      writeFileSync(file, `${emulator.knownHostsLine}\n${hopLine}\n`);
      return file;
    };
    const proxyLines = (hop: HopServer, more: Readonly<Record<string, string | boolean>>) =>
      Object.entries({ usesshproxy: true, sshproxyhost: hop.host, sshproxyport: hop.port, ...more })
        .map((pair) => `${pair.join('=')}\n`)
        .join('');

    test('with the key of that', async () => {
      await using server = await startServer();
      await using hop = await startHop();
      const { place } = server;
      const hopKey = place.file('hop-key');
      writeFileSync(hopKey, hop.clientKey, { mode: 0o600 });
      const own = { sshproxyuser: hop.user, sshproxykeyfile: hopKey };
      write(place, profileOf(server, proxyLines(hop, own)));
      const ended = await listed(place, hostsOf(server, hop));
      expect(checked(ended)).toContainEqual(expect.objectContaining({ profile: 'office' }));
      expect(hop.led).toEqual([`127.0.0.1:${server.emulator.port}`]);
    });

    const same = { sshproxysameuser: true, sshproxyuser: 'nobody' };
    const withoutKey = (text: string) => text.replace(/^key=.*\n/m, '');

    test('with the user and the key of the server, where they are the same', async () => {
      await using server = await startServer();
      const { place, emulator } = server;
      await using hop = await startHop({ user: emulator.user, clientKey: emulator.clientKey });
      write(place, profileOf(server, proxyLines(hop, { ...same, sshproxysamekey: true })));
      expect((await listed(place, hostsOf(server, hop))).code).toBe(0);
      expect(hop.led).toEqual([`127.0.0.1:${emulator.port}`]);
    });

    test.each([
      ['with the password of the server, where it is the same', { sshproxysamepass: true }, 0],
      ['and is not shown the password of the server otherwise', {}, 77],
    ])('%s', async (_, more, code) => {
      await using server = await startServer({ password: 'of both' });
      const { place, emulator } = server;
      await using hop = await startHop({ user: emulator.user, password: 'of both' });
      write(place, withoutKey(profileOf(server, proxyLines(hop, { ...same, ...more }))));
      expect((await listed(place, hostsOf(server, hop), 'of both\n')).code).toBe(code);
      expect(hop.attempts.includes('password')).toBe(code === 0);
    });

    test.each([
      [{ sshproxyuser: 'web', sshproxysamepass: true }, 'web'],
      [{ sshproxysameuser: true, sshproxysamepass: true }, ''],
    ])('that is an HTTP proxy: %j', async (own, name) => {
      await using server = await startServer({ password: 'of both' });
      await using proxy = await startProxy((request) =>
        request.includes('Proxy-Authorization: Basic ') ? undefined : 'HTTP/1.1 407 No\r\n\r\n',
      );
      const { place, emulator, knownHosts } = server;
      const hop = {
        usesshproxy: true,
        sshproxytype: 'HTTP',
        sshproxyhost: '127.0.0.1',
        sshproxyport: proxy.port,
      };
      const lines = Object.entries({ ...hop, ...own }).map((pair) => `${pair.join('=')}\n`);
      write(place, withoutKey(profileOf(server, lines.join(''))));
      expect((await listed(place, knownHosts, 'of both\n')).code).toBe(0);
      expect(proxy.requests.join()).toContain(`Basic ${btoa(`${name || emulator.user}:of both`)}\r\n`);
    });
  });

  test.each([
    ['start is told what to run', ['start', 'office'], '', 'session.started'],
    ['watch starts what it wants at first', ['watch'], 'autostart=true\n', 'session.started'],
  ])('%s', async (_, args, more, event) => {
    await using server = await startServer();
    const { place, knownHosts, emulator } = server;
    write(place, profileOf(server, `command=xterm\nrootless=true\n${more}`));
    await shown(place, [...args, '--known-hosts', knownHosts], async (cli) => {
      await cli.event(event, (line) => line.by !== 'other');
      expect(emulator.sessions.list()).toMatchObject([{ kind: 'application', status: 'R' }]);
    });
  });

  test.each([
    ['newest', 1],
    ['oldest', 1],
    ['all', 2],
  ])('whose sessions are to be resumed has the %s resumed by watch', async (which, count) => {
    await using server = await startServer();
    const { place, knownHosts, emulator } = server;
    write(place, profileOf(server, `autoresume=${which}\n`));
    for (let left = count; left > 0; left -= 1) emulator.sessions.suspend(emulator.sessions.start());
    await shown(place, ['watch', '--known-hosts', knownHosts], async (cli) => {
      for (const { session } of emulator.sessions.list())
        await cli.event('session.resumed', (line) => line.session === session && line.by === 'me');
    });
  });
});

/** Runs a command that shows sessions on a stub of a screen, and ends it. */
async function shown(place: Place, args: readonly string[], look: (cli: Cli) => Promise<void>) {
  const [stub, screen] = [stubNxproxy(), await stubScreen()];
  try {
    const env = place.env({ ...stub.env({ DISPLAY: screen.display }), HOME: place.home });
    const cli = new Cli([...args, '--json'], place, { env });
    try {
      await look(cli);
    } finally {
      cli.child.kill('SIGTERM');
    }
    checked(await cli.ended);
  } finally {
    stub.remove();
    await screen.stop();
  }
}
