import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { type Emulator, emulatedViewer, startEmulator } from '../../src/emulator/index.js';
import { connect, exec } from './support/client.js';
import { createLife } from './support/life.js';
import { localForward } from './support/tunnel.js';

const started: Emulator[] = [];
const start = async (...args: Parameters<typeof startEmulator>) => {
  const emulator = await startEmulator(...args);
  started.push(emulator);
  return emulator;
};
afterEach(async () => {
  await Promise.all(started.splice(0).map((emulator) => emulator.stop()));
});

/** Sockets and listeners this process has open. */
const handles = () =>
  process
    .getActiveResourcesInfo()
    .filter((kind) => kind.startsWith('TCP'))
    .sort();

test('stop() leaves no socket, no listener and no timer', async () => {
  const emulator = await start({ pace: 1 });
  const [client, other] = [await connect(emulator), await connect(emulator)];
  emulator.sessions.start();
  emulator.faults.slow('x2golistsessions', 60_000);
  emulator.faults.hang('x2gofeaturelist');
  const talks = [
    await exec(client),
    await exec(other),
    await exec(client, 'x2golistsessions'),
    await exec(other, 'x2gofeaturelist'),
  ];
  // Two steps of the session that starts, and the slow command.
  await expect.poll(() => emulator.pendingTimers).toBe(3);
  expect([emulator.connections, emulator.channels]).toEqual([2, 4]);
  expect(handles()).toEqual(['TCPServerWrap', ...Array(4).fill('TCPSocketWrap')]);

  await Promise.all([emulator.stop(), emulator.stop()]);
  await Promise.all(talks.map(({ closed }) => closed));
  expect([emulator.connections, emulator.channels, emulator.pendingTimers]).toEqual([0, 0, 0]);
  await expect.poll(handles).toEqual([]);
});

test('stop() also ends what is silent, refused or flooded', async () => {
  const silent = await start();
  const client = await connect(silent);
  silent.faults.flood('x2golistsessions');
  const talk = await exec(client, 'x2golistsessions');
  talk.channel.pause();
  await expect.poll(() => silent.channels).toBe(1);
  silent.faults.silence();
  await silent.stop();
  const refused = await start();
  await refused.faults.refuse();
  await refused.stop();
  await refused.faults.heal();
  await expect(connect(refused)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  client.destroy();
  await expect.poll(handles).toEqual([]);
});

test('stop() ends viewers and forwards, and the timers of what they wait for', async () => {
  const emulator = await start({ pace: 1 });
  const client = await connect(emulator);
  emulator.sessions.pace = 0;
  const session = emulator.sessions.start({ attach: false });
  const { graphics, sound } = emulator.sessions.get(session).record.ports ?? { graphics: 0, sound: 0 };
  const tunnel = await localForward(client, graphics);
  const viewer = emulatedViewer();
  const run = viewer({ session, port: tunnel.port, cookie: emulator.sessions.cookieOf(session) });
  await run.up;
  client.on('tcp connection', (_info, accept) => accept());
  await new Promise((resolve) => client.forwardIn('127.0.0.1', sound, resolve));
  await emulator.connectTo(sound);
  const waits = await createLife(client).start();
  expect(waits).toMatchObject({ ok: true });
  // The agent that waits for its viewer.
  await expect.poll(() => [emulator.pendingTimers, emulator.tunnels]).toEqual([1, 1]);
  emulator.sessions.pace = 1;
  emulator.sessions.takeOver(session);
  expect(emulator.pendingTimers).toBeGreaterThan(4);
  await emulator.stop();
  await run.ended;
  tunnel.close();
  await expect.poll(() => [emulator.pendingTimers, emulator.tunnels, emulator.forwards]).toEqual([0, 0, []]);
  await expect.poll(handles).toEqual([]);
});

test('the list of handles notices a planted leak', async () => {
  const leak = createServer().listen(0, '127.0.0.1');
  await once(leak, 'listening');
  expect(handles()).toEqual(['TCPServerWrap']);
  leak.close();
  await expect.poll(handles).toEqual([]);
});

test('two emulators share nothing', async () => {
  const [one, other] = [await start(), await start({ user: 'bob' })];
  one.sessions.start();
  one.faults.missing();
  expect(other.sessions.list()).toEqual([]);
  expect(one.hostKey).not.toBe(other.hostKey);
  expect(one.clientKey).not.toBe(other.clientKey);
  await one.stop();
  const client = await connect(other);
  expect(other.connections).toBe(1);
  client.end();
  await expect.poll(() => other.connections).toBe(0);
});
