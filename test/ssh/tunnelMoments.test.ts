/** Moments of a tunnel that no server brings about at will. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { ClientChannel } from 'ssh2';
import { afterEach, expect, test } from 'vitest';
import { sessionKey } from '../../src/protocol/sessionKey.js';
import { Scope } from '../../src/scope.js';
import { GraphicsTunnel } from '../../src/ssh/graphicsTunnel.js';
import { Joints } from '../../src/ssh/joints.js';
import { Outlet } from '../../src/ssh/outlet.js';
import { ReverseTunnel } from '../../src/ssh/reverseTunnel.js';
import type { TunnelSite } from '../../src/ssh/tunnelWay.js';
import type { Rider } from '../../src/world.js';
import { openFiles } from '../support/aftermath.js';
import { countingClock } from '../support/countingClock.js';
import { manualClock } from '../support/manualClock.js';
import { eventually, pause } from '../support/until.js';
import { fakeChannel } from './support/fakeChannel.js';
import { dialTo, listen, riderTo, runTunnel } from './support/tunnels.js';

const input = {
  profile: 'office',
  session: 'alice-50-1795371132_stRxterm_dp24',
  tunnel: 'graphics',
  serverPort: 30_001,
} as const;

let over: AbortController;
let armed: () => number;
const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  over.abort();
  for (const end of ends.splice(0)) await end();
  expect(armed()).toBe(0);
});

/** What a tunnel has, with this process as the viewer that may come. */
function aSite(openDirect: () => Promise<ClientChannel>, rider?: Rider): TunnelSite {
  const counting = countingClock();
  const { clock } = counting;
  armed = counting.armed;
  over = new AbortController();
  const joints = new Joints(clock, () => undefined);
  ends.push(async () => joints.end());
  const forwards = { open: async () => undefined, close: async () => 'closed' as const };
  const line = { openDirect, outlet: new Outlet(fakeChannel().channel), isReady: true, forwards };
  const viewers = new Map([[sessionKey(input.profile, input.session), process.pid]]);
  const world = { clock, viewers, riders: { sound: rider } };
  const fail = (cause: unknown) => expect.unreachable(String(cause));
  const parts = { world, input, line, joints, fail, signal: over.signal, finish: () => undefined };
  return parts as unknown as TunnelSite;
}

/** The other side has hung up. */
async function end(socket: Socket): Promise<void> {
  if (!socket.readableEnded) await once(socket.resume(), 'end');
  socket.destroy();
}

test('a viewer that comes while the tunnel is paused is hung up on, and counted', async () => {
  const site = aSite(() => expect.unreachable('nothing is to be opened'));
  const way = new GraphicsTunnel(site);
  ends.push(() => way.close());
  const port = await way.open();
  site.joints.pause();
  await end(await dialTo(port));
  expect(site.joints.meter.refused).toBe(1);
});

test('a tunnel that ends while its channel is being opened lets the viewer and the channel go', async () => {
  const { channel, seen } = fakeChannel();
  let isAsked = false;
  let grant = () => {};
  const granted = new Promise<ClientChannel>((resolve) => {
    grant = () => resolve(channel);
  });
  const site = aSite(() => {
    isAsked = true;
    return granted;
  });
  const way = new GraphicsTunnel(site);
  const viewer = await dialTo(await way.open());
  await eventually('a channel to be asked for', () => isAsked);
  over.abort();
  site.joints.end();
  await way.close();
  await end(viewer);
  grant();
  await eventually('the channel to be closed', () => seen.closes > 0);
});

test('once its viewer is there nobody listens any more, and nothing waits', async () => {
  const { channel } = fakeChannel();
  const site = aSite(async () => channel);
  const way = new GraphicsTunnel(site);
  ends.push(() => way.close());
  const port = await way.open();
  const viewer = await dialTo(port);
  await eventually('the joint', () => site.joints.meter.channels === 1);
  site.joints.meter.flush();
  expect(armed()).toBe(0);
  const [cause] = await once(connect(port, '127.0.0.1'), 'error');
  expect(cause).toMatchObject({ code: 'ECONNREFUSED' });
  viewer.destroy();
});

test('while a viewer is waited for it is seen that there are files left, and none is taken', async () => {
  const { clock, pass } = manualClock();
  const site = aSite(() => expect.unreachable('nothing is to be opened'));
  const way = new GraphicsTunnel({ ...site, world: { ...site.world, clock } });
  ends.push(() => way.close());
  await way.open();
  const files = () => openFiles().filter((path) => path === '/dev/null').length;
  const before = files();
  for (let look = 0; look < 5; look++) {
    pass(500);
    await pause(20);
  }
  expect(files()).toBe(before);
});

/** A reverse tunnel that stands, and how often a place in it was given back. */
async function standing(rider: Rider) {
  const site = aSite(() => expect.unreachable('the server opens'), rider);
  const way = new ReverseTunnel(site, 'sound');
  await way.open();
  let freed = 0;
  return { site, way, free: () => void freed++, freed: () => freed };
}
const gone = () => {
  throw new Error('the line has ended');
};

/** One whose programs have to say `word` before they are led on. */
function opening(port: number) {
  const admit = (first: Buffer) => (String(first) === 'word' ? first : undefined);
  const ride = { to: { host: '127.0.0.1', port }, files: [], opening: { length: 4, admit } };
  return standing({ prepare: async () => ride });
}

test('the place of a program is free when it is not let in, or its channel is closed', async () => {
  const here = await listen((socket) => void socket.on('end', () => socket.end()).resume());
  ends.push(async () => here.close());
  const first = await opening(here.port);
  first.way.offered({ accept: gone, free: first.free });
  expect(first.freed()).toBe(1);

  const second = await opening(here.port);
  const refused = fakeChannel();
  second.way.offered({ accept: () => refused.channel, free: second.free });
  refused.channel.push('else');
  await eventually('it to be refused', () => second.freed() === 1 && refused.seen.closes === 1);

  const third = await opening(here.port);
  const { channel } = fakeChannel();
  third.way.offered({ accept: () => channel, free: third.free });
  channel.push('word');
  await eventually('it to be led on', () => third.site.joints.meter.channels === 1);
  expect(third.freed()).toBe(0);
  channel.push(null);
  await eventually('its place to be free', () => third.freed() === 1);
});

test('a tunnel that is closed while its viewer is there tells so once', async () => {
  const { channel } = fakeChannel();
  const { world, line } = aSite(async () => channel);
  let unheard = 0;
  Object.assign(line, { onGone: () => () => void unheard++ });
  const scope = new Scope(() => 0);
  const tunnel = runTunnel({ ...world, scope, connections: new Map([['office', line]]) }, input);
  const { port } = await tunnel.until('tunnel.opened');
  const viewer = await dialTo(port);
  await tunnel.until('tunnel.traffic');
  tunnel.ask('tunnel.close');
  await end(viewer);
  channel.emit('close');
  await eventually('nothing to be open', () => scope.open.length === 0);
  await pause(20);
  expect(unheard).toBe(1);
  expect(tunnel.facts.filter(({ type }) => type === 'tunnel.ended')).toHaveLength(1);
  tunnel.stop();
});

test('a tunnel that ends while a program is being led on leaves no connection here', async () => {
  const here = await listen((socket) => void socket.resume());
  ends.push(async () => here.close());
  const { way, free, freed } = await standing(riderTo({ host: '127.0.0.1', port: here.port }));
  way.offered({ accept: () => expect.unreachable('nobody waits any more'), free });
  await way.close(over.signal);
  expect(freed()).toBe(1);
  // Whoever comes later is let in later.
  const later = await dialTo(here.port);
  await eventually('the later one alone', () => here.sockets.size === 1);
  expect([...here.sockets].map(({ remotePort }) => remotePort)).toEqual([later.localPort]);
  later.destroy();
});

test('a line that ends in the moment a program is led on leaves no connection here, and its place is free', async () => {
  const here = await listen((socket) => void socket.on('end', () => socket.end()).resume());
  ends.push(async () => here.close());
  const { way, free, freed } = await standing(riderTo({ host: '127.0.0.1', port: here.port }));
  way.offered({ accept: gone, free });
  await eventually('the place to be free', () => freed() === 1);
  await eventually('nobody here', () => here.sockets.size === 0);
});
