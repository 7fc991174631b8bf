import { createServer } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { type Emulator, startEmulator } from '../../src/emulator/index.js';
import { connect, exec } from './support/client.js';

const started: Emulator[] = [];
const start = async (...args: Parameters<typeof startEmulator>) => {
  const emulator = await startEmulator(...args);
  started.push(emulator);
  return emulator;
};
afterEach(async () => {
  await Promise.all(started.splice(0).map((emulator) => emulator.stop()));
});

/** Sockets, listeners and timers this process has open. */
const handles = () => process.getActiveResourcesInfo().filter((kind) => /TCP|Timeout|Pipe/.test(kind)).length;

test('stop() leaves no socket, no listener and no timer', async () => {
  const before = handles();
  const emulator = await start({ pace: 1 });
  const clients = [await connect(emulator), await connect(emulator)];
  const hung = await Promise.all(clients.map((client) => exec(client)));
  emulator.sessions.start();
  emulator.faults.slow('x2golistsessions', 60_000);
  const slow = await exec(clients[0] as (typeof clients)[0], 'x2golistsessions');
  await expect.poll(() => emulator.pendingTimers).toBe(3);
  expect(emulator.connections).toBe(2);
  expect(handles()).toBeGreaterThan(before);

  await Promise.all([emulator.stop(), emulator.stop()]);
  await Promise.all([...hung, slow].map(({ closed }) => closed));
  expect([emulator.connections, emulator.channels, emulator.pendingTimers]).toEqual([0, 0, 0]);
  await expect.poll(handles).toBe(before);
});

test('the count of handles notices a planted leak', async () => {
  const before = handles();
  const leak = createServer().listen(0, '127.0.0.1');
  const timer = setTimeout(() => {}, 60_000);
  await expect.poll(handles).toBe(before + 2);
  clearTimeout(timer);
  leak.close();
  await expect.poll(handles).toBe(before);
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
