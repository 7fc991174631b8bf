import { mkdirSync, readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Cli, type Ended, type Line, linesOf, Place, runCli } from '../cli/support/cli.js';
import { complaints } from '../schema/support/eventSchema.js';
import { type Certificates, makeCertificates } from '../support/certificates.js';
import { describeReal, longTest } from '../support/describeReal.js';
import { type BrokerPlace, makeBrokerPlace } from '../support/real/broker.js';
import { eventually } from '../support/real/eventually.js';
import { mustRun } from '../support/real/run.js';
import { startXvfb, type Xvfb } from '../support/real/xvfb.js';
import { type RealServer, startRealServer } from '../support/realServer.js';

/** x2gobroker puts its keys into a file that sshd has to know. */
const sshdConfig = 'Match all\nAuthorizedKeysFile .ssh/authorized_keys .x2go/authorized_keys';
/** It knows a session again by the name of the host that the listing gives. */
const profilesFor = ({ port }: RealServer) => `[DEFAULT]
user=BROKER_USER
host=${hostname()} (127.0.0.1)
sshport=${port}
[office]
name=Office, ground floor
command=xterm
[desk]
name=Desk
command=MATE
`;

describeReal('the real x2gobroker', () => {
  let server: RealServer;
  let brokers: BrokerPlace;
  let port: number;
  let certificates: Certificates;
  let place: Place;

  beforeAll(async () => {
    certificates = makeCertificates();
    brokers = makeBrokerPlace();
    server = await startRealServer({ sshdConfig, inside: brokers.inside });
    brokers.setProfiles(profilesFor(server));
    port = await brokers.serve(certificates);
    place = new Place();
  });
  afterAll(async () => {
    await brokers?.stop();
    await server?.stop();
    certificates?.[Symbol.dispose]();
    place?.[Symbol.dispose]();
  });

  const at = (dialect: 'plain' | 'json') => `https://127.0.0.1:${port}/${dialect}/inifile/`;
  const overSsh = () => `ssh://${server.user}@127.0.0.1:${server.port}/usr/bin/x2gobroker`;
  const login = () => ['--broker-user', server.user, '--password-stdin', '--json', ...known(), ...trusted()];
  const trusted = () => ['--broker-ca', certificates.caFile];
  const withKey = () => ['--broker-user', server.user, '-i', server.keyFile, '--json', ...known()];
  const known = () => ['--known-hosts', server.writeKnownHosts()];
  const right = () => ({ input: `${server.password}\n` });
  const last = ({ stdout }: Ended) => linesOf(stdout).at(-1);

  const expectProfiles = ({ code, stdout, stderr }: Ended) => {
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const rows = linesOf(stdout);
    expect(rows.flatMap(complaints)).toEqual([]);
    const common = { event: 'profile.listed', host: hostname(), port: server.port, user: server.user };
    expect([...rows].sort((a, b) => (String(a.profile) < String(b.profile) ? -1 : 1))).toMatchObject([
      { ...common, profile: 'desk', name: 'Desk' },
      { ...common, profile: 'office', name: 'Office, ground floor' },
    ]);
  };

  test.each(['plain', 'json'] as const)('lists its profiles over HTTPS (%s)', async (dialect) => {
    expectProfiles(await runCli(['profiles', '--broker', at(dialect), ...login()], place, right()));
  });

  test('lists its profiles over SSH, and is tested', async () => {
    expectProfiles(await runCli(['profiles', '--broker', overSsh(), ...withKey()], place));
    const tested = await runCli(['broker', 'test', overSsh(), ...withKey()], place);
    expect(last(tested)).toMatchObject({ event: 'broker.tested', user: server.user });
    const stranger = [
      '--broker-user',
      server.user,
      '-i',
      server.keyFile,
      '--known-hosts',
      place.file('none'),
    ];
    expect((await runCli(['broker', 'test', overSsh(), ...stranger], place)).code).toBe(76);
  });

  test('a wrong password is 77, no back end 65, a certificate nobody vouches for 76, nobody there 69', async () => {
    const exits = async (url: string, input: string, words = login()) => {
      const ended = await runCli(['broker', 'test', url, ...words], place, { input });
      expect(last(ended)?.exitCode).toBe(ended.code);
      return [ended.code, (last(ended)?.failure as { code: string } | undefined)?.code];
    };
    const password = right().input;
    const untrusting = login().slice(0, -2);
    expect(await exits(at('plain'), 'wrong\n')).toEqual([77, 'broker.refused']);
    expect(await exits(at('plain').replace('inifile', 'none'), password)).toEqual([65, 'broker.missing']);
    expect(await exits(at('plain'), password, untrusting)).toEqual([76, 'broker.untrusted']);
    expect(await exits('https://127.0.0.1:1/plain/', password)).toEqual([69, 'broker.unreachable']);
    expect((await runCli(['broker', 'test', at('plain'), ...login()], place, { input: password })).code).toBe(
      0,
    );
  });

  test('it says yes to a new password and changes nothing, which is told', async () => {
    const input = `${right().input}another\n`;
    const changed = await runCli(['broker', 'password', at('plain'), ...login()], place, { input });
    expect(last(changed)).toMatchObject({ exitCode: 77, failure: { code: 'broker.refused' } });
    expect(changed.stderr).toContain('nothing was changed');
  });

  longTest(
    'a session is started with a key for one login, and resumed because the broker names it',
    { timeout: 240_000 },
    async () => {
      // By SSH the broker's agent is for its group alone.
      await mustRun('flock', ['/run/lock/x2go-harness-users', 'usermod', '-aG', 'x2gobroker', server.user]);
      const before = accepted().length;
      mkdirSync(place.file('x'));
      const screen = await startXvfb(place.file('x'));
      try {
        const first = await shown(
          screen,
          ['start', 'office', '--broker', at('plain'), ...login()],
          'session.started',
        );
        const window = () => screen.colours() > 1;
        await eventually('a window on the screen', window, { timeoutMs: 30_000 });
        expect(accepted().slice(before)).toEqual(['RSA']);
        await suspended(first.cli);
        for (const words of [
          ['resume', 'office', '--broker', at('json'), ...login()],
          ['start', 'office', '--broker', overSsh(), ...withKey()],
        ]) {
          const again = await shown(screen, words, 'session.resumed');
          expect(again.line).toMatchObject({ session: first.line.session, by: 'me' });
          await suspended(again.cli);
        }
        // Those of the broker, and the one that asks it over SSH: twice, to list and to select.
        expect(accepted().slice(before)).toEqual(['RSA', 'RSA', 'ED25519', 'ED25519', 'RSA']);
      } finally {
        for (const { child } of running.splice(0)) child.kill('SIGKILL');
        await screen.stop();
      }
    },
  );

  const running: Cli[] = [];
  async function shown(screen: Xvfb, words: readonly string[], event: string) {
    const env = place.env({ DISPLAY: screen.display });
    const cli = new Cli([...words, '--no-sound'], place, { env });
    running.push(cli);
    cli.child.stdin?.end(right().input);
    const look = () => cli.lines.find((line) => line.event === event || line.event === 'command.failed');
    const line: Line = await eventually(() => `${event}: ${cli.stdout}`, look, { timeoutMs: 90_000 });
    expect(line.event).toBe(event);
    return { cli, line };
  }

  async function suspended(cli: Cli): Promise<void> {
    cli.child.kill('SIGTERM');
    const { code, stdout, stderr } = await cli.ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(linesOf(stdout).flatMap(complaints)).toEqual([]);
    expect(stdout).not.toContain('PRIVATE KEY');
    expect(stdout).not.toContain(server.password);
  }

  /** The kinds of the keys that have opened the server. */
  const accepted = () =>
    [...readFileSync(server.sshdLogFile, 'utf8').matchAll(/Accepted publickey .* ssh2: (\w+)/g)].map(
      ([, kind]) => kind,
    );
});
