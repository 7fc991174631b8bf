import { writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { complaints } from '../schema/support/eventSchema.js';
import { makeCertificates } from '../support/certificates.js';
import { type EmulatedBrokerOptions, startEmulatedBroker } from '../support/emulatedBroker.js';
import { eventually } from '../support/real/eventually.js';
import { stubNxproxy } from '../support/stubNxproxy/stubNxproxy.js';
import { stubScreen } from '../support/stubNxproxy/stubScreen.js';
import { Cli, linesOf, Place, runCli } from './support/cli.js';
import { startMuteServer } from './support/muteServer.js';
import { type Server, startServer } from './support/server.js';

const password = { input: 'broker-canary\n' };
const asAlice = ['--broker-user', 'alice', '--password-stdin'];

describe.concurrent('a session broker', () => {
  test('its profiles are listed, for people and for programs', async () => {
    await using broker = await startEmulatedBroker();
    using place = new Place();
    const table = await runCli(['profiles', '--broker', broker.url, ...asAlice], place, password);
    expect(table).toMatchObject({ code: 0, stderr: '' });
    expect(table.stdout).toBe(
      'PROFILE  NAME                  USER   HOST\noffice   Office, ground floor  alice  127.0.0.1:2222\n',
    );
    const json = await runCli(['profiles', '--broker', broker.url, ...asAlice, '--json'], place, password);
    expect(linesOf(json.stdout)).toMatchObject([
      {
        event: 'profile.listed',
        profile: 'office',
        id: 'office',
        host: '127.0.0.1',
        port: 2222,
        source: broker.url,
      },
    ]);
    expect(linesOf(json.stdout).flatMap(complaints)).toEqual([]);
    expect(place.leftovers()).toEqual([]);
  });

  test('it is tested, over HTTPS with an authority of its own', async () => {
    using certificates = makeCertificates();
    await using broker = await startEmulatedBroker({ tls: certificates });
    using place = new Place();
    const args = ['broker', 'test', broker.url, ...asAlice, '--json'];
    const unknown = await runCli(args, place, password);
    expect(unknown.code).toBe(76);
    expect(linesOf(unknown.stdout)).toMatchObject([{ failure: { code: 'broker.untrusted' }, exitCode: 76 }]);
    expect(broker.asked).toHaveLength(0);
    const known = await runCli([...args, '--broker-ca', certificates.caFile], place, password);
    expect(known.code).toBe(0);
    expect(linesOf(known.stdout)).toMatchObject([
      { event: 'broker.tested', broker: broker.url, user: 'alice' },
    ]);
    expect([...linesOf(known.stdout), ...linesOf(unknown.stdout)].flatMap(complaints)).toEqual([]);
  });

  test.each([
    ['over SSH', (port: number) => `ssh://alice@127.0.0.1:${port}`],
    ['over HTTP', (port: number) => `http://127.0.0.1:${port}/plain/`],
  ])('that says nothing %s is not waited for at SIGTERM, and that is said', async (_, urlAt) => {
    await using mute = await startMuteServer();
    using place = new Place();
    const cli = new Cli(['broker', 'test', urlAt(mute.port), ...asAlice, '--json'], place);
    cli.child.stdin?.end(password.input);
    await eventually('a question to the broker', () => mute.connections > 0);
    cli.child.kill('SIGTERM');
    const { code, stdout } = await cli.ended;
    expect(code).toBe(1);
    expect(linesOf(stdout)).toMatchObject([
      {
        event: 'command.failed',
        exitCode: 1,
        failure: { code: 'call.aborted', message: 'Ended before all answers were there: SIGTERM' },
      },
    ]);
    expect(place.leftovers()).toEqual([]);
  });

  test('a password is changed there', async () => {
    await using broker = await startEmulatedBroker();
    using place = new Place();
    const args = ['broker', 'password', broker.url, ...asAlice, '--json'];
    const changed = await runCli(args, place, { input: 'broker-canary\nnew-canary\n' });
    expect(changed).toMatchObject({ code: 0, stderr: '' });
    expect(linesOf(changed.stdout)).toMatchObject([{ event: 'broker.passwordChanged', user: 'alice' }]);
    expect(linesOf(changed.stdout).flatMap(complaints)).toEqual([]);
    expect(changed.stdout).not.toContain('canary');
    expect((await runCli(['broker', 'test', broker.url, ...asAlice], place, password)).code).toBe(77);
    const half = await runCli(args, place, { input: 'new-canary\n' });
    expect(half.code).toBe(2);
  });

  test.each([
    ['a wrong password', 77, 'broker.refused', {}, 'wrong-canary\n'],
    ['a page of something else', 65, 'broker.garbled', { profiles: '\0' }, 'broker-canary\n'],
    ['no profile of that name', 66, 'profile.unknown', { profiles: '[other]\nhost=h\n' }, 'broker-canary\n'],
    ['no server for it', 69, 'broker.noServer', {}, 'broker-canary\n'],
    [
      'a server that is an option',
      65,
      'broker.garbled',
      { selections: { office: 'SERVER:-x\n' } },
      'broker-canary\n',
    ],
    [
      'a user that is none',
      65,
      'broker.garbled',
      { profiles: '[office]\nuser=a b\n', selections: { office: 'SERVER:h\n' } },
      'broker-canary\n',
    ],
  ] as [string, number, string, EmulatedBrokerOptions, string][])(
    '%s exits with %d',
    async (_, code, failure, options, input) => {
      await using broker = await startEmulatedBroker(options);
      using place = new Place();
      const ended = await runCli(['start', 'office', '--broker', broker.url, ...asAlice, '--json'], place, {
        input,
      });
      const last = linesOf(ended.stdout).at(-1);
      expect(last).toMatchObject({ event: 'command.failed', exitCode: code, failure: { code: failure } });
      expect(last && complaints(last)).toEqual([]);
      expect(ended.code).toBe(code);
      expect(ended.stdout + ended.stderr).not.toContain('canary');
    },
  );

  test.each([
    ['an address that is none', ['profiles', '--broker', 'broker.example.org']],
    ['a password in the address', ['broker', 'test', 'https://alice:secret-canary@127.0.0.1/']],
    ['no profile', ['start', '--broker', 'http://127.0.0.1:1/', '--non-interactive']],
    ['a geometry that is none', ['start', 'office', '--broker', 'http://127.0.0.1:1/', '--geometry', 'big']],
  ])('2: %s', async (_, args) => {
    using place = new Place();
    const ended = await runCli([...args, '--json'], place);
    expect(linesOf(ended.stdout).at(-1)).toMatchObject({ failure: { code: 'usage.invalid' }, exitCode: 2 });
    expect(ended.stdout + ended.stderr).not.toContain('canary');
  });

  test('a broker that is down is 69, a file that is not there 74, one that holds no certificate 78', async () => {
    const broker = await startEmulatedBroker();
    await broker[Symbol.asyncDispose]();
    using place = new Place();
    const tried = (...more: string[]) =>
      runCli(['broker', 'test', broker.url, ...asAlice, ...more], place, password);
    expect((await tried()).code).toBe(69);
    expect((await tried('--broker-ca', place.file('none'))).code).toBe(74);
    writeFileSync(place.file('text'), 'no certificate');
    expect((await tried('--broker-ca', place.file('text'))).code).toBe(78);
  });
});

describe('a session by a broker', () => {
  const selectionOf = ({ emulator }: Server, more = '') =>
    `SERVER:127.0.0.1:${emulator.port}\n${emulator.clientKey.trim()}\n${more}`;
  const profileOf = ({ emulator }: Server) =>
    `[office]\nname=Office\nhost=h\nuser=${emulator.user}\ncommand=xterm\nrootless=1\n`;

  test('is started by what its profile says, with the key for one login; a broken line asks for another key', async () => {
    await using server = await startServer();
    await using broker = await startEmulatedBroker({
      profiles: profileOf(server),
      selections: { office: selectionOf(server) },
    });
    const [stub, screen] = [stubNxproxy(), await stubScreen()];
    try {
      const args = [
        'start',
        'Office',
        '--broker',
        broker.url,
        ...asAlice,
        '--known-hosts',
        server.knownHosts,
      ];
      const env = server.place.env(stub.env({ DISPLAY: screen.display }));
      const cli = new Cli([...args, '--no-sound', '--json', '--log-level', 'trace'], server.place, { env });
      cli.child.stdin?.end(password.input);
      expect(await cli.event('session.started')).toMatchObject({ profile: 'office' });
      const tasks = () => broker.asked.map((form) => form.get('task'));
      expect(tasks()).toEqual(['listsessions', 'selectsession']);

      await server.emulator.faults.reset();
      await eventually('another key', () => tasks().length === 3);
      await cli.event('session.resumed', (line) => line.by === 'me');
      cli.child.kill('SIGTERM');
      const { code, stdout, stderr } = await cli.ended;
      expect(code).toBe(0);
      expect(linesOf(stdout).flatMap(complaints)).toEqual([]);
      for (const secret of [
        'canary',
        'PRIVATE KEY',
        server.emulator.clientKey.split('\n')[1] ?? '',
        ...ids(broker),
      ])
        expect(stdout + stderr).not.toContain(secret);
    } finally {
      stub.remove();
      await screen.stop();
    }
  });

  test.each(['resume', 'start'])(
    'that is there already is resumed by %s, when the broker says so',
    async (verb) => {
      await using server = await startServer();
      const session = server.emulator.sessions.start();
      server.emulator.sessions.suspend(session);
      const profiles = `${profileOf(server)}[two]\nuser=${server.emulator.user}\n`;
      const selections = {
        office: selectionOf(server, `SESSION_INFO:${rowOf(session, server)}\n`),
        two: selectionOf(server),
      };
      await using broker = await startEmulatedBroker({ profiles, selections });
      const [stub, screen] = [stubNxproxy(), await stubScreen()];
      try {
        const args = [
          '--broker',
          broker.url,
          ...asAlice,
          '--known-hosts',
          server.knownHosts,
          '--no-sound',
          '--json',
        ];
        const env = server.place.env(stub.env({ DISPLAY: screen.display }));
        const cli = new Cli([verb, 'office', ...args], server.place, { env });
        cli.child.stdin?.end(password.input);
        expect(await cli.event('session.resumed')).toMatchObject({ session, by: 'me' });
        cli.child.kill('SIGTERM');
        expect((await cli.ended).code).toBe(0);
        const none = await runCli(['resume', 'two', ...args], server.place, password);
        expect(linesOf(none.stdout).at(-1)).toMatchObject({
          exitCode: 66,
          failure: { code: 'session.unknown' },
        });
      } finally {
        stub.remove();
        await screen.stop();
      }
    },
  );
});

const ids = ({ asked }: { readonly asked: readonly URLSearchParams[] }) =>
  asked.flatMap((form) => form.get('authid') ?? []);
/** As x2golistsessions prints it there. */
const rowOf = (session: string, { emulator }: Server) =>
  emulator.sessions.store
    .rows(false)
    .split('\n')
    .find((row) => row.includes(session)) ?? '';
