import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import type { ClientChannel } from 'ssh2';
import { afterEach, expect, test } from 'vitest';
import { Outlet } from '../../src/ssh/outlet.js';
import { Pump } from '../../src/ssh/pump.js';
import { pause } from '../support/until.js';
import { readAll } from './support/tunnels.js';

/** As ssh2's: it takes what fits the server's window at once, and says 'close' only when it was read to its end. */
class FakeChannel extends Duplex {
  readonly taken: Buffer[] = [];
  closes = 0;
  #held: (() => void) | undefined;
  constructor(public window = Number.POSITIVE_INFINITY) {
    super({ emitClose: false, highWaterMark: 2 * 1024 * 1024 });
  }
  get length() {
    return this.taken.reduce((sum, chunk) => sum + chunk.length, 0);
  }
  override _read() {}
  override _write(chunk: Buffer, _encoding: string, done: () => void) {
    if (this.window < chunk.length) {
      this.#held = () => this._write(chunk, _encoding, done);
      return;
    }
    this.window -= chunk.length;
    this.taken.push(Buffer.from(chunk));
    done();
  }
  adjust(window: number) {
    this.window = window;
    const held = this.#held;
    this.#held = undefined;
    held?.();
  }
  close() {
    this.closes += 1;
    if (this.readableEnded) setImmediate(() => this.emit('close'));
    else this.once('end', () => this.emit('close')).push(null);
  }
}

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

async function socketPair(): Promise<[Socket, Socket]> {
  const server = createServer({ allowHalfOpen: true });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const far = connect({
    port: (server.address() as AddressInfo).port,
    host: '127.0.0.1',
    allowHalfOpen: true,
  });
  const [[near]] = (await Promise.all([once(server, 'connection'), once(far, 'connect')])) as [
    [Socket],
    unknown,
  ];
  server.close();
  far.on('error', () => undefined);
  closing.push(
    () => far.destroy(),
    () => near.destroy(),
  );
  return [near, far];
}

async function joined(window?: number) {
  const [local, program] = await socketPair();
  const [line, server] = await socketPair();
  const channel = new FakeChannel(window);
  const outlet = new Outlet(line);
  const moved = { sent: 0, received: 0 };
  let ended = 0;
  let stands = true;
  const pump = new Pump({
    local,
    channel: channel as unknown as ClientChannel,
    outlet,
    stands: () => stands,
    onMoved: (way, bytes) => {
      moved[way] += bytes;
    },
    onEnd: () => {
      ended += 1;
    },
  });
  const cut = () => {
    stands = false;
  };
  return { pump, channel, program, local, line, server, cut, moved, ended: () => ended };
}

const digest = (data: Buffer) => createHash('sha256').update(data).digest('hex');

test('what the window does not take is not read from the program, and nothing is lost when it opens', async () => {
  const { channel, program, local } = await joined(100_000);
  const data = randomBytes(16 * 1024 * 1024);
  program.end(data);
  await expect.poll(() => local.isPaused()).toBe(true);
  await pause(100);
  expect(channel.length).toBeLessThan(200_000);
  expect(channel.writableLength).toBeLessThan(200_000);
  channel.adjust(Number.POSITIVE_INFINITY);
  await expect.poll(() => channel.writableFinished, { timeout: 10_000 }).toBe(true);
  expect(digest(Buffer.concat(channel.taken))).toBe(digest(data));
});

test('a full way out holds the program too, also when the window opens meanwhile', async () => {
  const { channel, program, local, line, server } = await joined(100_000);
  const data = randomBytes(4 * 1024 * 1024);
  program.end(data);
  await expect.poll(() => local.isPaused()).toBe(true);
  // The server reads nothing: what another channel writes stays in front of the line.
  server.pause();
  while (line.writableLength < 2 * 1024 * 1024) line.write(Buffer.alloc(1024 * 1024));
  channel.adjust(Number.POSITIVE_INFINITY);
  await pause(100);
  expect(channel.length).toBeLessThan(300_000);
  expect(local.isPaused()).toBe(true);
  server.resume();
  await expect.poll(() => channel.writableFinished, { timeout: 10_000 }).toBe(true);
  expect(digest(Buffer.concat(channel.taken))).toBe(digest(data));
});

test('a program that does not read holds the channel', async () => {
  const { channel, program } = await joined();
  program.pause();
  const data = randomBytes(32 * 1024);
  let pushed = 0;
  while (!channel.isPaused() && pushed < 2_000) {
    channel.push(data);
    pushed += 1;
    await new Promise(setImmediate);
  }
  expect(channel.isPaused()).toBe(true);
  channel.push(null);
  expect((await readAll(program)).length).toBe(pushed * data.length);
});

test('each end passes on that the other has no more to say, and hears the rest', async () => {
  const { channel, program, ended } = await joined();
  program.end('question');
  await expect.poll(() => channel.writableFinished).toBe(true);
  expect(String(Buffer.concat(channel.taken))).toBe('question');
  expect(channel.closes).toBe(0);
  channel.push('answer');
  channel.push(null);
  const said = await readAll(program);
  expect(String(said)).toBe('answer');
  channel.close();
  await expect.poll(ended).toBe(1);
});

test('the server may have no more to say first', async () => {
  const { channel, program, ended } = await joined();
  channel.push('greeting');
  channel.push(null);
  const said = await readAll(program);
  expect(String(said)).toBe('greeting');
  program.end('late word');
  await expect.poll(() => channel.writableFinished).toBe(true);
  expect(String(Buffer.concat(channel.taken))).toBe('late word');
  await expect.poll(ended).toBe(1);
});

test('what the server had sent before it closed is still written, slow as the program may be', async () => {
  const { channel, program, local, ended } = await joined();
  program.pause();
  const data = randomBytes(6 * 1024 * 1024);
  for (let at = 0; at < data.length; at += 32_768) channel.push(data.subarray(at, at + 32_768));
  // The program goes on talking to nobody.
  program.write('is anybody there?');
  channel.close();
  await pause(50);
  expect(ended()).toBe(0);
  const takers: number[] = [];
  channel.once('close', () => takers.push(local.listenerCount('data')));
  expect(digest(await readAll(program))).toBe(digest(data));
  // Whether the program ends or not.
  await expect.poll(ended).toBe(1);
  // From then on nobody takes what the program says.
  expect(takers).toEqual([0]);
});

test('an error of the program ends the channel; an end of ours ends both', async () => {
  const first = await joined();
  first.program.resetAndDestroy();
  await expect.poll(first.ended).toBe(1);
  expect(first.channel.closes).toBe(1);
  const second = await joined();
  second.pump.end();
  await expect.poll(second.ended).toBe(1);
  expect(second.local.destroyed).toBe(true);
  expect(second.channel.closes).toBe(1);
});

test('an end of ours waits for no server, and what comes after the end of the program is nothing that moved', async () => {
  const ours = await joined();
  ours.channel.close = () => undefined;
  ours.pump.end();
  expect([ours.local.destroyed, ours.channel.writableEnded]).toEqual([true, true]);
  const { channel, program, local, moved } = await joined();
  channel.close = () => undefined;
  program.resetAndDestroy();
  await expect.poll(() => local.closed).toBe(true);
  channel.push('late');
  await expect.poll(() => channel.readableLength).toBe(0);
  expect(moved.received).toBe(0);
});

test('a stream cut short by its line does not look complete', async () => {
  const { channel, program, cut } = await joined();
  const failed = once(program, 'error');
  program.resume();
  channel.push('half');
  await pause(20);
  cut();
  channel.push(null);
  expect((await failed)[0]).toMatchObject({ code: 'ECONNRESET' });
});

test('paused, neither end is read; then nothing is missing', async () => {
  const { pump, channel, program } = await joined();
  pump.pause();
  program.write('here');
  channel.push('there');
  await pause(50);
  expect(channel.length).toBe(0);
  const said = once(program, 'data');
  pump.resume();
  expect(String((await said)[0])).toBe('there');
  await expect.poll(() => String(Buffer.concat(channel.taken))).toBe('here');
});

test('a program that leaves in a hurry has said what it said: the server gets it when it reads', async () => {
  const { channel, program, local, ended } = await joined(10);
  const data = randomBytes(1_000);
  program.write(data);
  await expect.poll(() => channel.writableLength).toBe(data.length);
  program.resetAndDestroy();
  // Held as it is, its end shows with the next byte that is written to it.
  local.write('x');
  await expect.poll(() => local.destroyed).toBe(true);
  expect(channel.closes).toBe(0);
  channel.adjust(Number.POSITIVE_INFINITY);
  await expect.poll(ended).toBe(1);
  expect(digest(Buffer.concat(channel.taken))).toBe(digest(data));
});

test('a channel that fails ends both', async () => {
  const { channel, program, ended } = await joined();
  channel.emit('error', new Error('planted'));
  await once(program.resume(), 'end');
  await expect.poll(ended).toBe(1);
  expect(channel.closes).toBeGreaterThan(0);
});
