import { getEventListeners } from 'node:events';
import { Duplex } from 'node:stream';
import type { ClientChannel } from 'ssh2';
import { beforeEach, expect, test } from 'vitest';
import { readOpening } from '../../src/ssh/opening.js';
import { manualClock } from '../support/manualClock.js';

const patience = 10_000;
const opening = Buffer.from('who I am');
const more = Buffer.from(' and what I want');

let time: ReturnType<typeof manualClock>;
let over: AbortController;
/** A stream with the manners of a channel: it is read when it flows, and ends when all was read. */
let channel: Duplex;
let settled: Buffer | 'nothing' | 'pending';
let read: Promise<Buffer | undefined>;

beforeEach(() => {
  time = manualClock();
  over = new AbortController();
  channel = new Duplex({ read: () => undefined, write: (_chunk, _encoding, done) => done() });
  settled = 'pending';
});
const begin = () => {
  read = readOpening(channel as ClientChannel, opening.length, time.clock, over.signal);
  void read.then((first) => {
    settled = first ?? 'nothing';
  });
};
const turn = () => new Promise((resolve) => setImmediate(resolve));
const come = async (bytes: Buffer) => {
  channel.push(bytes);
  await turn();
};
/** What can still be read: everything until the end. */
const remainder = async () => {
  const chunks: Buffer[] = [];
  channel.on('data', (chunk: Buffer) => chunks.push(chunk));
  channel.resume();
  channel.push(null);
  await turn();
  await turn();
  return Buffer.concat(chunks);
};
const listeners = () =>
  [
    ...['data', 'end', 'close', 'error'].map((name) => channel.listenerCount(name)),
    getEventListeners(over.signal, 'abort').length,
  ].join(' ');

test('the opening in one piece', async () => {
  begin();
  await come(opening);
  expect(await read).toEqual(opening);
  expect(await remainder()).toEqual(Buffer.alloc(0));
});

test('the opening byte by byte: it is not there before its last', async () => {
  begin();
  for (const byte of opening.subarray(0, -1)) await come(Buffer.from([byte]));
  expect(settled).toBe('pending');
  await come(opening.subarray(-1));
  expect(await read).toEqual(opening);
});

test('the opening that was there before anybody looked', async () => {
  channel.push(opening);
  begin();
  expect(await read).toEqual(opening);
});

test('what came with the opening, and what comes after it, is read afterwards in its order', async () => {
  begin();
  await come(opening.subarray(0, 3));
  await come(Buffer.concat([opening.subarray(3), more.subarray(0, 5)]));
  expect(await read).toEqual(opening);
  await come(more.subarray(5));
  expect(await remainder()).toEqual(more);
});

test('nothing is lost while nobody reads: it waits', async () => {
  begin();
  await come(Buffer.concat([opening, more]));
  await read;
  await come(more);
  expect(channel.isPaused()).toBe(true);
  expect(channel.readableLength).toBe(2 * more.length);
  expect(await remainder()).toEqual(Buffer.concat([more, more]));
});

test('an end right behind the opening is still to come', async () => {
  begin();
  await turn();
  channel.push(opening);
  channel.push(null);
  expect(await read).toEqual(opening);
  await turn();
  expect(channel.readableEnded).toBe(false);
  let ended = false;
  channel.on('end', () => {
    ended = true;
  });
  channel.resume();
  await turn();
  expect(ended).toBe(true);
});

test.each<[string, () => unknown]>([
  ['it ends', () => channel.push(null)],
  ['it is closed', () => channel.destroy()],
  ['it breaks', () => channel.destroy(new Error('cut'))],
  ['nobody waits any more', () => over.abort()],
])('none when %s before the last byte', async (_, happen) => {
  channel.on('error', () => undefined);
  begin();
  await come(opening.subarray(0, -1));
  expect(settled).toBe('pending');
  happen();
  expect(await read).toBeUndefined();
});

test('none when nobody waited from the beginning', async () => {
  over.abort();
  begin();
  expect(await read).toBeUndefined();
});

test.each([0, opening.length - 1])('none when silence follows %i bytes, and not before', async (length) => {
  begin();
  await come(opening.subarray(0, length));
  time.pass(patience - 1);
  await turn();
  expect(settled).toBe('pending');
  time.pass(1);
  expect(await read).toBeUndefined();
});

test('one byte now and then does not put the deadline off', async () => {
  begin();
  for (const byte of opening.subarray(0, 4)) {
    await come(Buffer.from([byte]));
    time.pass(patience / 4);
  }
  expect(await read).toBeUndefined();
});

test.each<[string, () => unknown]>([
  ['the opening', () => channel.push(opening)],
  ['an end', () => channel.push(null)],
  ['an abort', () => over.abort()],
  ['the deadline', () => time.pass(patience)],
])('after %s neither a timer nor a listener stays', async (_, happen) => {
  const before = listeners();
  begin();
  expect(time.armed()).toBe(1);
  happen();
  await read;
  expect(time.armed()).toBe(0);
  expect(listeners()).toBe(before);
  // Whatever happens later is not heard.
  over.abort();
  time.pass(patience);
  expect(time.armed()).toBe(0);
});
