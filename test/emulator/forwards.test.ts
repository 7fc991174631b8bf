import type { Client, ClientChannel } from 'ssh2';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Emulator, startEmulator } from '../../src/emulator/index.js';
import { connect } from './support/client.js';

let emulator: Emulator;
let client: Client;
/** The port of a session's sound. */
let port: number;
beforeEach(async () => {
  emulator = await startEmulator();
  client = await connect(emulator);
  const session = emulator.sessions.start();
  port = emulator.sessions.get(session).record.ports?.sound ?? 0;
});
afterEach(async () => {
  client.end();
  await emulator.stop();
});

const listen = (at: number, by = client) =>
  new Promise<number>((resolve, reject) => {
    by.forwardIn('127.0.0.1', at, (cause, granted) => (cause ? reject(cause) : resolve(granted)));
  });
const cancel = (at: number, by = client) =>
  new Promise<void>((resolve, reject) => {
    by.unforwardIn('127.0.0.1', at, (cause) => (cause ? reject(cause) : resolve()));
  });

/** The local end sends back what it gets, and keeps its channels. */
function echo(): ClientChannel[] {
  const channels: ClientChannel[] = [];
  client.on('tcp connection', ({ destPort }, accept, reject) => {
    if (destPort !== port) return reject();
    const channel = accept();
    channels.push(channel);
    channel.on('error', () => {}).pipe(channel);
  });
  return channels;
}

test('a granted port carries bytes both ways, and the end of either side', async () => {
  const channels = echo();
  await listen(port);
  expect(emulator.forwards).toEqual([port]);
  const [one, other] = [await emulator.connectTo(port), await emulator.connectTo(port)];
  const sent = Buffer.from(Array.from({ length: 3_000_000 }, (_, at) => (at * 31) % 251));
  const heard: Buffer[] = [];
  one.on('data', (chunk: Buffer) => heard.push(chunk));
  const ended = new Promise((resolve) => one.on('end', resolve));
  one.end(sent);
  await ended;
  expect(Buffer.concat(heard).equals(sent)).toBe(true);
  const closed = new Promise((resolve) => other.resume().on('close', resolve));
  channels[1]?.end();
  channels[1]?.close();
  await closed;
});

test('a slow reader holds up the writer, and nothing is lost', async () => {
  const channels = echo();
  await listen(port);
  const program = await emulator.connectTo(port);
  let heard = 0;
  program.on('data', (chunk: Buffer) => {
    heard += chunk.length;
  });
  channels[0]?.unpipe().pause();
  const bytes = 9_000_000;
  let written = false;
  program.write(Buffer.alloc(bytes), () => {
    written = true;
  });
  await listen(0);
  expect(written).toBe(false);
  channels[0]?.pipe(channels[0]);
  await expect.poll(() => heard, { timeout: 5_000 }).toBe(bytes);
});

test('cancelled, or when its client is gone, nobody listens any more', async () => {
  echo();
  await listen(port);
  await cancel(port);
  expect(emulator.forwards).toEqual([]);
  await expect(cancel(port)).rejects.toThrow();
  await expect(emulator.connectTo(port)).rejects.toThrow('Nobody listens');
  await listen(port);
  client.end();
  await expect.poll(() => emulator.forwards).toEqual([]);
});

test('a port that is taken is refused, by whomever', async () => {
  await listen(port);
  const other = await connect(emulator);
  await expect(listen(port, other)).rejects.toThrow();
  await expect(cancel(port, other)).rejects.toThrow();
  expect(emulator.forwards).toEqual([port]);
  const waiting = emulator.sessions.start({ attach: false });
  await expect(listen(emulator.sessions.get(waiting).record.ports?.graphics ?? 0)).rejects.toThrow();
  emulator.faults.takePort(port + 1);
  await expect(listen(port + 1)).rejects.toThrow();
  await expect(listen(80)).rejects.toThrow();
  await emulator.faults.heal();
  await listen(port + 1);
  const any = await listen(0);
  expect(emulator.forwards).toEqual([port, port + 1, any]);
  other.end();
});

test('refuseForwarding() refuses every port', async () => {
  emulator.faults.refuseForwarding();
  await expect(listen(port)).rejects.toThrow();
  await emulator.faults.heal();
  await listen(port);
});

test('what the client refuses is told', async () => {
  client.on('tcp connection', (_info, _accept, reject) => reject());
  await listen(port);
  await expect(emulator.connectTo(port)).rejects.toThrow('refused');
  client.destroy();
  await expect.poll(() => emulator.forwards).toEqual([]);
});
