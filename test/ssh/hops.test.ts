/** Hosts on the way to a server: a login of its own at each, over channels, and nothing left of any of them. */
import { describe, expect, test } from 'vitest';
import type { Hop } from '../../machines/vocabulary.js';
import { type Emulator, startEmulator } from '../../src/emulator/index.js';
import type { Credentials } from '../../src/ssh/credentials.js';
import { ownListeners } from '../support/aftermath.js';
import { at, type Endpoint, everyFlag, type GuardOptions, guard } from '../support/guard.js';
import { eventually } from '../support/until.js';
import { type HopServer, startHop } from './support/hop.js';
import { startProxy } from './support/httpProxy.js';

interface WayOptions extends GuardOptions {
  readonly hops?: readonly HopServer[];
  readonly proxy?: Hop;
  readonly connectTimeout?: number;
  readonly loginAt?: (hop: Hop) => Credentials;
}

/** A guardian of one profile that lies behind these hops, and knows all host keys. */
async function guardBehind(
  target: Endpoint,
  { hops = [], proxy, connectTimeout, loginAt, ...options }: WayOptions,
) {
  const keyOf = (hop: Hop) => hops.find(({ port }) => port === hop.port)?.clientKey ?? '';
  const via: Hop[] = [
    ...(proxy ? [proxy] : []),
    ...hops.map(({ host, port, user }) => ({ host, port, user })),
  ];
  const known = [target, ...hops].map(({ host, port, hostKey }) => `[${host}]:${port} ${hostKey}`);
  return guard(
    { office: target },
    {
      knownHostsLines: known,
      profiles: [
        {
          id: 'office',
          host: target.host,
          port: target.port,
          user: target.user,
          via,
          ...(connectTimeout === undefined ? {} : { connectTimeout }),
        },
      ],
      credentials: {
        of: () => ({ identities: [{ privateKey: target.clientKey }] }),
        ofHop: (hop) => loginAt?.(hop) ?? { identities: [{ privateKey: keyOf(hop) }] },
      },
      ...options,
    },
  );
}

async function twoHops() {
  const [first, second, server] = await Promise.all([startHop(), startHop(), startEmulator()]);
  return { first, second, server };
}
const nothingOpen = (server: Emulator, ...hops: HopServer[]) =>
  eventually(
    'every connection to be closed',
    () =>
      [server, ...hops].every(({ connections }) => connections === 0) &&
      hops.every(({ channels }) => channels === 0),
  );

test('two hops are logged in to one over the other, the sessions are listed, and a cut anywhere is recovered from', async () => {
  const { first, second, server } = await twoHops();
  await using _first = first;
  await using _second = second;
  await using _server = server;
  const before = ownListeners();
  await using guarded = await guardBehind(server, { hops: [first, second], ...everyFlag });
  const { guardian, log } = guarded;
  await guardian.connect('office');
  expect(first.led).toEqual([`127.0.0.1:${second.port}`]);
  expect(second.led).toEqual([`127.0.0.1:${server.port}`]);
  expect(server.connectionsAccepted).toBe(1);
  guardian.refresh('office');
  await eventually('a listing', () => guardian.sessions('office') !== undefined);
  expect(ownListeners()).toEqual(before);

  for (const hop of [first, second]) {
    const from = log.length;
    hop.cut();
    const lost = await log.until('profile.lost', undefined, { after: from });
    const place = hop === first ? 1 : 2;
    expect(lost.failure.message).toContain(`jump host 127.0.0.1:${hop.port}, ${place} of 2`);
    await guardian.connect('office');
  }
  const report = await guardian.stop();
  expect(report.filter(({ outcome }) => outcome === 'failed' || outcome === 'forced')).toEqual([]);
  await nothingOpen(server, first, second);
});

const behaving = (how: HopServer['behaves']) => (hop: HopServer) => {
  hop.behaves = how;
};

describe('a hop that', () => {
  const failing: readonly [string, (hop: HopServer) => void, Partial<WayOptions>, RegExp][] = [
    [
      'refuses to lead on',
      behaving('refuse'),
      {},
      /^ssh\.unreachable: At the jump host .*, 1 of 2: From there 127\.0\.0\.1:\d+ cannot be reached/,
    ],
    [
      'forbids it',
      behaving('forbid'),
      {},
      /^tunnel\.denied: At the jump host .*, 1 of 2: .*allows no forwarding/,
    ],
    [
      'never answers',
      behaving('keepSilent'),
      { connectTimeout: 1_500 },
      /^ssh\.timedOut: At the jump host .*, 2 of 2: .*within 1\.5 s/,
    ],
    [
      'does not know our key',
      () => undefined,
      { loginAt: () => ({ identities: [], password: 'wrong' }) },
      /^auth\.refused: At the jump host .*, 1 of 2: The server did not let gatekeeper in/,
    ],
    [
      'shows another key than the one we know',
      () => undefined,
      { knownHostsLines: [] },
      /^hostKey\.unknown: At the jump host .*, 1 of 2: The host key of/,
    ],
  ];
  test.each(failing)('%s is named, and nothing stays open', async (_, spoil, options, wanted) => {
    const { first, second, server } = await twoHops();
    await using _first = first;
    await using _second = second;
    await using _server = server;
    spoil(first);
    await using guarded = await guardBehind(server, { hops: [first, second], ...options });
    const told = await guarded.log.until(
      /tunnel|auth|hostKey/.test(wanted.source) ? 'profile.failed' : 'profile.lost',
    );
    expect(`${told.failure.code}: ${told.failure.message}`).toMatch(wanted);
    await nothingOpen(server, first, second);
  });
});

test.each(['the server', 'a hop'])(
  'signs of life are asked for as often as %s is to have it',
  async (place) => {
    const hop = await startHop();
    const server = await startEmulator();
    await using _hop = hop;
    await using _server = server;
    // Fifty milliseconds, twice: ours are twelve seconds, and nothing else would notice before fifteen.
    const alive = { aliveInterval: 50, aliveCountMax: 1 };
    const [atHop, atServer] = place === 'a hop' ? [alive, {}] : [{}, alive];
    const { host, port, user } = server;
    await using guarded = await guardBehind(server, {
      hops: [hop],
      profiles: [
        {
          id: 'office',
          host,
          port,
          user,
          ...atServer,
          via: [{ host, port: hop.port, user: hop.user, ...atHop }],
        },
      ],
    });
    await guarded.guardian.connect('office');
    const began = performance.now();
    if (place === 'a hop') hop.freeze();
    else server.faults.silence();
    const { failure } = await guarded.log.until('profile.lost');
    expect(failure.code).toBe('ssh.silent');
    expect(performance.now() - began).toBeLessThan(10_000);
  },
);

test('each hop is told its own secret alone', async () => {
  const first = await startHop({ password: 'of the first' });
  const second = await startHop({ password: 'of the second' });
  const server = await startEmulator({ password: 'of the office' });
  await using _first = first;
  await using _second = second;
  await using _server = server;
  const asked: string[] = [];
  await using guarded = await guardBehind(server, {
    hops: [first, second],
    credentials: {
      of: () => ({ password: 'of the office' }),
      ofHop: (hop) => ({
        ask: async () => {
          asked.push(`${hop.port}`);
          return [hop.port === first.port ? 'of the first' : 'of the second'];
        },
      }),
    },
  });
  await guarded.guardian.connect('office');
  expect(asked).toEqual([`${first.port}`, `${second.port}`]);
  expect([first.attempts, second.attempts].map((all) => all.filter((one) => one === 'password'))).toEqual([
    ['password'],
    ['password'],
  ]);
});

test('an end at any moment of the way leaves nothing open', async () => {
  const { first, second, server } = await twoHops();
  await using _first = first;
  await using _second = second;
  await using _server = server;
  const moments: readonly [string, () => boolean][] = [
    ['nothing has happened yet', () => true],
    ['the first hop is reached', () => first.connections > 0],
    ['the first hop is asked for a login', () => first.attempts.length > 0],
    ['the first hop leads on', () => first.led.length > 0],
    ['the second hop is reached', () => second.connections > 0],
    ['the second hop is asked for a login', () => second.attempts.length > 0],
    ['the second hop leads on', () => second.led.length > 0],
    ['the server is reached', () => server.connections > 0],
  ];
  for (const [name, isThere] of moments) {
    for (const list of [first.led, first.attempts, second.led, second.attempts]) list.length = 0;
    await using guarded = await guardBehind(server, { hops: [first, second] });
    await eventually(name, isThere);
    await guarded.guardian.stop();
    await nothingOpen(server, first, second);
  }
});

describe('an HTTP proxy', () => {
  test('leads to the first hop, with a login of its own', async () => {
    await using proxy = await startProxy(() => undefined);
    await using hop = await startHop();
    await using server = await startEmulator();
    await using guarded = await guardBehind(server, {
      hops: [hop],
      proxy: { kind: 'http', host: '127.0.0.1', port: proxy.port, user: 'web' },
      loginAt: (one) =>
        one.kind === 'http' ? { password: 'p:w' } : { identities: [{ privateKey: hop.clientKey }] },
    });
    await guarded.guardian.connect('office');
    expect(proxy.requests).toEqual([
      `CONNECT 127.0.0.1:${hop.port} HTTP/1.1\r\nHost: 127.0.0.1:${hop.port}\r\nProxy-Authorization: Basic ${btoa('web:p:w')}\r\n\r\n`,
    ]);
    await guarded.guardian.stop();
    await nothingOpen(server, hop);
    await eventually('the proxy to be left', () => proxy.connections === 0);
  });

  test('whose password is asked for is asked for once, and again where it was refused', async () => {
    let wanted = 'good';
    const isLoggedIn = (request: string) => request.includes(`Basic ${btoa(`web:${wanted}`)}\r\n`);
    await using proxy = await startProxy((request) =>
      isLoggedIn(request) ? undefined : 'HTTP/1.1 407 Proxy Authentication Required\r\n\r\n',
    );
    await using server = await startEmulator();
    const asked: string[] = [];
    await using guarded = await guardBehind(server, {
      proxy: { kind: 'http', host: '127.0.0.1', port: proxy.port, user: 'web' },
      loginAt: () => ({
        ask: async ({ title }) => {
          asked.push(title);
          return [wanted];
        },
      }),
    });
    const { guardian, log } = guarded;
    await guardian.connect('office');
    const lost = log.length;
    await server.faults.close();
    await log.until('profile.lost', undefined, { after: lost });
    await guardian.connect('office');
    expect(asked).toEqual([`Password for web at the HTTP proxy 127.0.0.1:${proxy.port}`]);
    wanted = 'another';
    await server.faults.close();
    const refused = await log.until('profile.failed');
    expect(refused.failure.code).toBe('auth.refused');
    await guardian.connect('office');
    expect(asked).toHaveLength(2);
  });

  test.each([
    [
      'wants a login',
      'HTTP/1.1 407 Proxy Authentication Required\r\n\r\n',
      /^auth\.refused: At the HTTP proxy .*it wants a user and a password/,
    ],
    ['does not lead there', 'HTTP/1.1 403 Forbidden\r\n\r\n', /^tunnel\.denied: .*403 Forbidden/],
    ['cannot reach it', 'HTTP/1.0 502 Bad Gateway\r\n\r\n', /^ssh\.unreachable: .*502 Bad Gateway/],
    ['is something else', 'SSH-2.0-x\r\n\r\n', /^ssh\.handshake: .*is no HTTP proxy/],
    [
      'never comes to an end',
      `HTTP/1.1 200 OK\r\n${'X: y\r\n'.repeat(4_000)}`,
      /^ssh\.handshake: .*its answer has no end/,
    ],
  ])('that %s is named, and nothing stays open', async (_, answer, wanted) => {
    await using proxy = await startProxy(() => answer);
    await using server = await startEmulator();
    await using guarded = await guardBehind(at(server, server.port), {
      proxy: { kind: 'http', host: '127.0.0.1', port: proxy.port },
    });
    const told = await guarded.log.until(/ssh/.test(wanted.source) ? 'profile.lost' : 'profile.failed');
    expect(`${told.failure.code}: ${told.failure.message}`).toMatch(wanted);
    await eventually('the proxy to be left', () => proxy.connections === 0);
  });
});
