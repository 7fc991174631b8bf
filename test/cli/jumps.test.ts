/** --jump, and `via` in the file of --config: the way to a server as it is said, each hop with a login of its own. */
import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { accessTo } from '../../src/cli/access.js';
import { chooseProfiles } from '../../src/cli/chosen.js';
import { checkConfig } from '../../src/cli/configSchema.js';
import { jumpsFrom, overJumps } from '../../src/cli/jumps.js';
import { SshConfig } from '../../src/profiles/sshConfig.js';
import { startHop } from '../ssh/support/hop.js';
import { Place, runCli } from './support/cli.js';
import { startServer } from './support/server.js';

const me = () => 'me';
const surroundings = { home: '/home/me', localUser: 'me', uid: 1_000, localHost: 'here', env: {} };
const configOf = (via: unknown) =>
  checkConfig(JSON.stringify({ profiles: [{ id: 'office', host: 'h', via }] }), (path) => `/etc/${path}`);
const chosenFrom = (via: unknown) => {
  const checked = configOf(via);
  if (!checked.ok) throw new Error(checked.reason);
  const [chosen] = chooseProfiles(['office'], checked.config, me);
  return chosen ?? expect.fail('nothing was chosen');
};

test('via: hops in short and at length, their keys and host keys for them alone', async () => {
  const chosen = chosenFrom([
    { kind: 'http', host: 'proxy', user: 'web' },
    'bob@gate:2222',
    {
      host: 'inner',
      identity: 'inner-key',
      knownHosts: 'inner-hosts',
      hostKeyAlias: 'x',
      aliveInterval: 9_000,
    },
  ]);
  const { profile } = chosen;
  expect(profile.via).toEqual([
    { kind: 'http', host: 'proxy', port: 8_080, user: 'web' },
    { host: 'gate', port: 2_222, user: 'bob' },
    { host: 'inner', port: 22, user: 'me', hostKeyAlias: 'x', aliveInterval: 9_000 },
  ]);
  const { credentials, hostKeys } = accessTo([chosen], { identity: ['/mine'] }, { password: 'secret' });
  const [, gate, inner] = profile.via ?? [];
  if (gate === undefined || inner === undefined || typeof hostKeys !== 'function') throw new Error('no hops');
  expect(await credentials.of(profile)).toMatchObject({ identities: ['/mine'], password: 'secret' });
  for (const hop of [gate, inner]) {
    const own = await credentials.ofHop?.(hop, profile);
    expect(JSON.stringify(own)).not.toMatch(/secret|mine/);
  }
  expect(hostKeys(profile, inner).files).toContain('/etc/inner-hosts');
  expect(hostKeys(profile, gate).files).toBe(undefined);
});

test.each([
  ['gate', 'profiles[0].via must be a list of hops, not "gate"'],
  [[3], 'profiles[0].via[0] must be [user@]host[:port] or an object, not 3'],
  [['a b'], 'profiles[0].via[0] must be [user@]host[:port], not "a b"'],
  [[{ user: 'x' }], 'profiles[0].via[0] has no "host"'],
  [['gate', { kind: 'http', host: 'p' }], 'profiles[0].via[1]: an HTTP proxy can only be the first hop'],
  [[{ kind: 'http', host: 'p', identity: 'k' }], 'profiles[0].via[0]: an HTTP proxy has no "identity"'],
  [[{ host: 'g', password: 'x' }], 'profiles[0].via[0]."password" is not known; known are kind, host'],
  [[{ host: 'g', port: 0 }], 'profiles[0].via[0].port must be a port from 1 to 65535, not 0'],
  [
    [{ host: 'g', aliveCountMax: -1 }],
    'profiles[0].via[0].aliveCountMax must be a whole number from 0, not -1',
  ],
])('via %j: %s', (via, reason) => {
  const checked = configOf(via);
  expect(checked.ok ? 'nothing is wrong' : checked.reason).toContain(reason);
});

test('--jump leads a profile over other hops than its own, and with none straight there', () => {
  const chosen = chosenFrom(['bob@gate']);
  const over = (text: string) => overJumps(chosen, new SshConfig([], surroundings, jumpsFrom(text)));
  expect(over('alice@a:1,b').profile.via).toEqual([
    { host: 'a', port: 1, user: 'alice' },
    { host: 'b', port: 22, user: 'me' },
  ]);
  expect(over('none').profile).not.toHaveProperty('via');
  expect(() => jumpsFrom('a,,b')).toThrow('is no [user@]host[:port] to jump over');
});

test('sessions over --jump, by the keys and host keys of the ssh configuration', async () => {
  await using server = await startServer();
  await using hop = await startHop();
  const { place, knownHosts, emulator } = server;
  const [hopKey, hopHosts, config] = [
    place.file('hop-key'),
    place.file('hop-hosts'),
    place.file('ssh-config'),
  ];
  writeFileSync(hopKey, hop.clientKey, { mode: 0o600 });
  writeFileSync(hopHosts, `[${hop.host}]:${hop.port} ${hop.hostKey}\n`);
  const said = {
    HostName: hop.host,
    Port: hop.port,
    User: hop.user,
    IdentityFile: hopKey,
    UserKnownHostsFile: hopHosts,
  };
  const lines = ['Host gate', ...Object.entries(said).map((pair) => pair.join(' '))];
  const target = [
    'Host office',
    `HostName ${emulator.host}`,
    `Port ${emulator.port}`,
    `User ${emulator.user}`,
  ];
  const own = [`IdentityFile ${server.keyFile}`, `UserKnownHostsFile ${knownHosts}`];
  writeFileSync(config, [...lines, ...target, ...own, ''].join('\n'), { mode: 0o600 });
  const session = emulator.sessions.start();
  const { code, stdout, stderr } = await runCli(
    ['sessions', 'office', '-F', config, '-J', 'gate', '--json'],
    place,
  );
  expect(`${stderr}${stdout}`).toContain(session);
  expect(code).toBe(0);
  expect(hop.led).toEqual([`127.0.0.1:${emulator.port}`]);
});

test.each([
  ['no host', ['--jump', 'a,,b'], /is no \[user@\]host\[:port\] to jump over/, 2],
  [
    'a broker beside it',
    ['--jump', 'a', '--broker', 'http://127.0.0.1:1/'],
    /--jump does not go with --broker/,
    2,
  ],
])('--jump with %s is refused', async (_, words, wanted, code) => {
  using place = new Place();
  const ended = await runCli(['start', 'x', ...words], place);
  expect(ended.stderr).toMatch(wanted);
  expect(ended.code).toBe(code);
});

test('a hostile ssh configuration ends the command with 78 and one line, and nothing it names is run', async () => {
  using place = new Place();
  const [mark, config] = [place.file('ran'), place.file('hostile')];
  for (const text of [
    `Host *\nProxyCommand touch ${mark}\n`,
    `Include ${config}\n`,
    'Host \u0000\n',
    `ConnectTimeout ${'1'.repeat(100_000)}x\n`,
    `Match "\u001b]0;x\u0007\n`,
    `HostName -oProxyCommand=touch ${mark}\n`,
  ]) {
    writeFileSync(config, text, { mode: 0o600 });
    const { code, stderr } = await runCli(['sessions', 'office', '-F', config], place);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(stderr).not.toMatch(/[\u0000-\u0009\u000b-\u001f]|This is a bug/);
    expect(code).toBe(78);
  }
  expect(() => readFileSync(mark)).toThrow('ENOENT');
});
