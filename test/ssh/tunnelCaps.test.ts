import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type AddressInfo, connect } from 'node:net';
import ssh2, { type Connection as ServerSide } from 'ssh2';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { monotonicClock } from '../../src/clock.js';
import { openUnrequested } from '../../src/emulator/unrequested.js';
import { noJournal } from '../../src/journal/journal.js';
import { Scope } from '../../src/scope.js';
import { hostKeyAlgorithms } from '../../src/ssh/algorithms.js';
import { prepareAuthentication } from '../../src/ssh/authentication.js';
import { Connection } from '../../src/ssh/connection.js';
import { RefusedSecrets } from '../../src/ssh/refusedSecrets.js';
import type { World } from '../../src/world.js';
import { eventually } from '../support/real/eventually.js';
import { openWorkshop } from './support/keys.js';
import { dialTo, listen, riderTo, runTunnel } from './support/tunnels.js';

/** A server that grants every forward and then does as it likes. */
async function hostileServer(hostKey: string) {
  const clients: ServerSide[] = [];
  const cancelled: number[] = [];
  let grant = true;
  const server = new ssh2.Server({ hostKeys: [hostKey] }, (client) => {
    clients.push(client);
    client.on('error', () => undefined).on('authentication', (context) => context.accept());
    client.on('request', (accept, reject, name, info) => {
      if (name === 'cancel-tcpip-forward') cancelled.push((info as { bindPort: number }).bindPort);
      if (grant || name !== 'tcpip-forward') accept?.();
      else reject?.();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    clients,
    cancelled,
    refuse: () => {
      grant = false;
    },
    /** Opens channels from that port; how many were let in. */
    open: async (from: number, count: number) => {
      const [client] = clients;
      const answers = Array.from(
        { length: count },
        () =>
          new Promise<boolean>((resolve) => {
            client?.forwardOut('127.0.0.1', from, '127.0.0.1', 40_000, (cause, channel) => {
              channel
                ?.on('error', () => undefined)
                .on('end', () => channel.end())
                .resume();
              resolve(cause === undefined);
            });
          }),
      );
      return (await Promise.all(answers)).filter((accepted) => accepted).length;
    },
    close: () => {
      for (const client of clients) client.end();
      server.close();
    },
  };
}

const workshop = openWorkshop();
const key = readFileSync(workshop.makeKey('ed25519').path, 'utf8');
const session = (n: number) => `alice-5${n}-1700000000_stRxterm_dp24`;
const scope = new Scope(() => performance.now());
const stops: (() => void)[] = [];
let server: Awaited<ReturnType<typeof hostileServer>>;
let end: Awaited<ReturnType<typeof listen>>;
let line: Connection;
let world: World;

beforeAll(async () => {
  server = await hostileServer(key);
  end = await listen((socket) => void socket.pipe(socket));
  const authentication = await prepareAuthentication('alice', { password: 'x' });
  line = await new Promise((resolve, reject) => {
    const made: Connection = new Connection({
      socket: connect({ host: '127.0.0.1', port: server.port, noDelay: true }),
      where: `127.0.0.1:${server.port}`,
      user: 'alice',
      hostKeys: { algorithms: [...hostKeyAlgorithms], verify: () => true, remember: () => true, notices: [] },
      authentication,
      clock: monotonicClock,
      onEnd: reject,
    });
    made.onReady(() => resolve(made));
  });
  world = {
    clock: monotonicClock,
    scope,
    connections: new Map([['real', line]]),
    viewers: new Map(),
    answers: new Map(),
    refusals: new RefusedSecrets(),
    journal: noJournal,
    riders: { sound: riderTo({ host: '127.0.0.1', port: end.port }) },
  } as unknown as World;
});
afterEach(async () => {
  for (const stop of stops.splice(0)) stop();
  await eventually('nothing to be open', () => scope.open.length === 0 && end.sockets.size === 0);
});
afterAll(async () => {
  await line?.close(AbortSignal.abort());
  end?.close();
  server?.close();
  workshop.close();
});

const isServed = (port: number) =>
  dialTo(port).then(
    (socket) => socket.destroy() !== undefined,
    () => false,
  );

const sound = async (n: number, serverPort: number) => {
  const run = runTunnel(world, { profile: 'real', session: session(n), tunnel: 'sound', serverPort });
  stops.push(run.stop);
  await run.until('tunnel.opened');
  return run;
};

test('FAULTS 51: of 20,000 channels 32 are let in through one forward, and the rest is counted', async () => {
  const tunnel = await sound(1, 30_001);
  const before = process.memoryUsage().rss;
  expect(await server.open(30_001, 20_000)).toBe(32);
  await eventually('the count', () => tunnel.last('tunnel.traffic')?.refused === 20_000 - 32);
  expect(tunnel.last('tunnel.traffic')?.channels).toBe(32);
  // Server and client share this process: far more than the 16 MiB that ours may take, far less than 20,000 channels.
  expect(process.memoryUsage().rss - before).toBeLessThan(200 * 1024 * 1024);
  expect(line.isReady).toBe(true);
}, 60_000);

test('FAULTS 51: 64 on one line however many forwards there are; places are given back', async () => {
  for (const n of [1, 2, 3]) await sound(n, 30_000 + n);
  expect(await server.open(30_001, 40)).toBe(32);
  expect(await server.open(30_002, 40)).toBe(32);
  expect(await server.open(30_003, 40)).toBe(0);
  stops.shift()?.();
  let accepted = 0;
  await eventually('places', async () => {
    accepted += await server.open(30_003, 40);
    return accepted >= 32;
  });
  expect(accepted).toBe(32);
});

test('FAULTS 51: of one forward too the place of a channel that was closed is given to another', async () => {
  await sound(1, 30_001);
  expect(await server.open(30_001, 40)).toBe(32);
  let accepted = 0;
  await eventually('places', async () => {
    for (const socket of end.sockets) socket.destroy();
    accepted += await server.open(30_001, 40);
    return accepted >= 32;
  });
});

test('where a viewer was waited for nobody listens once the tunnel is closed', async () => {
  const input = { profile: 'real', session: session(1), tunnel: 'graphics', serverPort: 30_001 } as const;
  const tunnel = runTunnel(world, input);
  const { port } = await tunnel.until('tunnel.opened');
  expect(await isServed(port)).toBe(true);
  tunnel.stop();
  await eventually('nothing open', () => scope.open.length === 0);
  expect(await isServed(port)).toBe(false);
});

test('FAULTS 52: what nobody asked for is refused and counted: other ports, X11, agents, sessions', async () => {
  await sound(1, 30_001);
  const before = line.forwards.unrequested;
  expect(await server.open(30_002, 5)).toBe(0);
  for (const kind of ['x11', 'auth-agent', 'session'] as const)
    expect(await openUnrequested(server.clients, 5, kind)).toEqual({ accepted: 0, refused: 5 });
  expect(line.forwards.unrequested - before).toBe(20);
  expect(end.sockets.size).toBe(0);
});

test('a forward that was cancelled lets nobody in, and the server is asked to cancel it', async () => {
  const tunnel = await sound(1, 30_009);
  expect(await server.open(30_009, 1)).toBe(1);
  tunnel.stop();
  await eventually('the cancel', () => server.cancelled.includes(30_009));
  await eventually('nothing open', () => scope.open.length === 0);
  const before = line.forwards.unrequested;
  expect(await server.open(30_009, 3)).toBe(0);
  expect(line.forwards.unrequested - before).toBe(3);
});

test('a local end that is not there refuses the channel, not the tunnel', async () => {
  const gone = await listen(() => undefined);
  gone.close();
  const nobody = { ...world, riders: { sound: riderTo({ host: '127.0.0.1', port: gone.port }) } };
  const input = { profile: 'real', session: session(1), tunnel: 'sound', serverPort: 30_001 } as const;
  const tunnel = runTunnel(nobody, input);
  stops.push(tunnel.stop);
  await tunnel.until('tunnel.opened');
  expect(await server.open(30_001, 3)).toBe(0);
  await eventually('the count', () => tunnel.last('tunnel.traffic')?.refused === 3);
  expect(tunnel.last('tunnel.failed')).toBeUndefined();
});

test('two tunnels never share a port of one line: the second one’s end does not end the first', async () => {
  await sound(1, 30_001);
  const second = runTunnel(world, {
    profile: 'real',
    session: session(2),
    tunnel: 'sound',
    serverPort: 30_001,
  });
  expect((await second.until('tunnel.failed')).failure.code).toBe('tunnel.portTaken');
  second.stop();
  expect(await server.open(30_001, 1)).toBe(1);
});
