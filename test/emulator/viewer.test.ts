import { getEventListeners, once } from 'node:events';
import { createServer } from 'node:net';
import type { Client } from 'ssh2';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  type EmulatedViewer,
  type Emulator,
  emulatedViewer,
  startEmulator,
} from '../../src/emulator/index.js';
import type { Viewer, ViewerRun } from '../../src/world.js';
import { connect } from './support/client.js';
import { localForward } from './support/tunnel.js';

let emulator: Emulator;
let client: Client;
let viewer: EmulatedViewer;
const forwards: { close(): void }[] = [];
beforeEach(async () => {
  emulator = await startEmulator();
  client = await connect(emulator);
  viewer = emulatedViewer();
});
afterEach(async () => {
  viewer.crash();
  for (const forward of forwards.splice(0)) forward.close();
  client.end();
  await emulator.stop();
});

const calm = () => new AbortController().signal;
const seen = (session: string) => emulator.sessions.get(session);

/** As a guardian would: a local port that leads to the agent, and a viewer for it. */
async function view(session: string, cookie = emulator.sessions.cookieOf(session)): Promise<ViewerRun> {
  const { display, ports } = seen(session).record;
  const forward = await localForward(client, ports?.graphics ?? 0);
  forwards.push(forward);
  // What a guardian takes as its viewer.
  const show: Viewer = viewer;
  return show({ profile: 'p', session, display, port: forward.port, cookie, presentation: {} });
}
const waiting = () => emulator.sessions.start({ attach: false });

test('shows a session until it is asked to end', async () => {
  const session = waiting();
  const run = await view(session);
  await run.up;
  expect(viewer.shows).toEqual([session]);
  expect(seen(session)).toMatchObject({ state: 'RUNNING', shown: true });
  const hurry = calm();
  run.end(hurry);
  await run.ended;
  expect([viewer.shows, getEventListeners(hurry, 'abort')]).toEqual([[], []]);
  await expect.poll(() => seen(session).state).toBe('SUSPENDED');
});

test('bytes go to the agent and come back', async () => {
  const session = waiting();
  await (await view(session)).up;
  expect(viewer.send(session, Buffer.alloc(5_000_000))).toBe(true);
  await expect.poll(() => viewer.received, { timeout: 5_000 }).toBe(5_000_000);
  expect(viewer.send('another', Buffer.alloc(1))).toBe(false);
});

test('a wrong cookie brings nothing up', async () => {
  const session = waiting();
  const run = await view(session, '0'.repeat(32));
  await expect(run.up).rejects.toThrow('closed the connection');
  await run.ended;
  expect(seen(session)).toMatchObject({ state: 'STARTING', agentAlive: false });
});

test('a port where nobody listens brings nothing up', async () => {
  const forward = await localForward(client, 9);
  forward.close();
  const run = viewer({ session: 's', port: forward.port, cookie: 'c' });
  await expect(run.up).rejects.toThrow('ECONNREFUSED');
  await run.ended;
});

test('ends when its session is suspended, terminated or taken over by somebody else', async () => {
  for (const action of ['suspend', 'terminate', 'takeOver'] as const) {
    const session = waiting();
    const run = await view(session);
    await run.up;
    emulator.sessions[action](session);
    await run.ended;
    expect(viewer.shows).toEqual([]);
  }
});

test('one that never comes up ends when it is asked to', async () => {
  viewer.fault = 'neverUp';
  const session = waiting();
  const run = await view(session);
  await expect.poll(() => emulator.tunnels).toBe(1);
  expect(viewer.shows).toEqual([]);
  run.end(calm());
  await expect(run.up).rejects.toThrow();
  await run.ended;
});

test('ends when it is asked to although its agent is deaf', async () => {
  const session = waiting();
  const run = await view(session);
  await run.up;
  emulator.faults.deafAgents();
  run.end(calm());
  await run.ended;
  expect(viewer.shows).toEqual([]);
});

test('one that is hung reads nothing and ends only in a hurry', async () => {
  viewer.fault = 'hung';
  const session = waiting();
  const run = await view(session);
  await run.up;
  const hurry = new AbortController();
  run.end(hurry.signal);
  viewer.send(session, Buffer.alloc(20_000_000));
  // By the time that another one has come up, it would have read, or left.
  viewer.fault = undefined;
  const other = waiting();
  await (await view(other)).up;
  expect([viewer.received, viewer.shows]).toEqual([0, [session, other]]);
  expect(seen(session).state).toBe('RUNNING');
  hurry.abort();
  await run.ended;
  await expect.poll(() => seen(session).state).toBe('SUSPENDED');
});

test('a frozen one stops reading and goes on where it stopped', async () => {
  const session = waiting();
  await (await view(session)).up;
  viewer.freeze(session);
  viewer.send(session, Buffer.alloc(1_000_000));
  await emulator.connectTo(9).catch(() => {});
  expect(viewer.received).toBe(0);
  viewer.freeze(session, false);
  await expect.poll(() => viewer.received, { timeout: 5_000 }).toBe(1_000_000);
});

test('a crash ends the session it names, and suspends it', async () => {
  const [one, other] = [waiting(), waiting()];
  const runs = [await view(one), await view(other)];
  await Promise.all(runs.map((run) => run.up));
  viewer.crash(one);
  await expect(runs[0]?.ended).rejects.toThrow('the viewer crashed');
  expect(viewer.shows).toEqual([other]);
  await expect.poll(() => seen(one).state).toBe('SUSPENDED');
  expect(seen(other).state).toBe('RUNNING');
});

test('an end in a hurry is at once, however often', async () => {
  viewer.fault = 'hung';
  const run = await view(waiting());
  await run.up;
  run.end(AbortSignal.abort());
  run.end(calm());
  await run.ended;
});

test('where somebody else listens it ends, and was never up', async () => {
  const stranger = createServer((socket) => {
    socket.on('error', () => undefined).resume();
    socket.write(`HTTP/1.1 400${' '.repeat(500)}`);
  });
  stranger.listen(0, '127.0.0.1');
  await once(stranger, 'listening');
  const { port } = stranger.address() as { port: number };
  const run = viewer({ session: 's', port, cookie: 'c' });
  await expect(run.up).rejects.toThrow('before the picture was there');
  await run.ended;
  expect(viewer.shows).toEqual([]);
  stranger.close();
});
