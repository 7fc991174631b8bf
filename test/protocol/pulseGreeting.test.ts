import { expect, test } from 'vitest';
import { cookieOfGreeting, greetingLength, greetingWith } from '../../src/protocol/pulseGreeting.js';
import { capturedHead, greetingOf } from '../support/pulseGreeting.js';
import { chance } from './hostile.js';

const cookie = Buffer.from(Array.from({ length: 256 }, (_, n) => (n * 7 + 3) & 255));
const other = Buffer.alloc(256, 9);
const greeting = greetingOf(cookie);
const head = Buffer.from(capturedHead, 'hex');

test('the cookie of a real greeting is found', () => {
  expect(greeting).toHaveLength(greetingLength);
  expect(cookieOfGreeting(greeting)).toEqual(cookie);
});

test('what follows it makes no difference', () => {
  expect(cookieOfGreeting(Buffer.concat([greeting, Buffer.from('more')]))).toEqual(cookie);
});

test('another cookie takes its place, and every other byte stays', () => {
  const more = Buffer.from('and what came with it');
  const changed = greetingWith(Buffer.concat([greeting, more]), other);
  expect(changed).toEqual(Buffer.concat([greetingOf(other), more]));
  expect(cookieOfGreeting(changed)).toEqual(other);
  expect(greeting).toEqual(greetingOf(cookie));
});

test('a greeting that says more in its packet is one', () => {
  const longer = greetingOf(cookie);
  longer.writeUInt32BE(greetingLength - 20 + 5, 0);
  expect(cookieOfGreeting(longer)).toEqual(cookie);
});

test('a program of any version and any tag is let in', () => {
  for (const at of [26, 27, 28, 29, 31, 32, 33, 34])
    expect(cookieOfGreeting(patched(at, 0x5a))).toEqual(cookie);
});

test('nothing that is shorter is a greeting', () => {
  for (let length = 0; length < greetingLength; length += 1)
    expect(cookieOfGreeting(greeting.subarray(0, length))).toBeUndefined();
});

test.each<[string, number, number]>([
  ['a packet that is too short for its cookie', 3, 0x13],
  ['a packet for a stream', 4, 0],
  ['a packet for a stream, by the last byte', 7, 0xfe],
  ['a packet at an offset', 11, 1],
  ['a packet at a great offset', 12, 1],
  ['a packet with flags', 16, 0x80],
  ['a packet that ends its flags with one', 19, 1],
  ['a word of another kind as its command', 20, 0x42],
  ['a word of another kind as its tag', 25, 0x74],
  ['a word of another kind as its version', 30, 0],
  ['a word of another kind as its cookie', 35, 0x74],
  ['another command', 24, 9],
  ['a command that only ends as this one', 21, 1],
  ['a shorter cookie', 38, 0],
  ['a longer cookie', 39, 1],
])('%s is no greeting', (_, at, byte) => {
  expect(cookieOfGreeting(patched(at, byte))).toBeUndefined();
});

test.each([
  ['TLS', Buffer.from('1603010200010001fc0303', 'hex')],
  ['HTTP', Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')],
  ['SSH', Buffer.from('SSH-2.0-OpenSSH_9.2p1\r\n')],
  ['PulseAudio’s line protocol', Buffer.from('load-module module-native-protocol-tcp auth-anonymous=1\n')],
  ['a row of zeros', Buffer.alloc(0)],
])('%s is no greeting', (_, start) => {
  const bytes = Buffer.alloc(greetingLength * 2);
  start.copy(bytes);
  expect(cookieOfGreeting(bytes)).toBeUndefined();
});

const runs = 100_000;
const seed = Number(process.env.SEED ?? Date.now() % 1_000_000_007);
/** A program may say another tag and another version, and a longer packet. */
const free = new Set([26, 27, 28, 29, 31, 32, 33, 34]);

/** Byte by byte, as the captured one. */
const looksReal = (bytes: Buffer) =>
  bytes.length >= greetingLength &&
  bytes.readUInt32BE(0) >= greetingLength - 20 &&
  head.every((byte, at) => at < 4 || free.has(at) || byte === bytes[at]);

test(`of ${runs} hostile openings those are let in that look like a real one, and no other`, () => {
  const dice = chance(seed);
  let taken = 0;
  for (let run = 0; run < runs; run += 1) {
    const bytes = hostileOpening(dice);
    const before = Buffer.from(bytes);
    const found = cookieOfGreeting(bytes);
    const expected = looksReal(before) ? before.subarray(head.length, greetingLength) : undefined;
    const same = expected === undefined ? found === undefined : found?.equals(expected);
    if (!same || !bytes.equals(before)) expect.fail(`SEED=${seed} run ${run}: ${before.toString('hex')}`);
    if (found !== undefined) taken += 1;
  }
  expect(taken).toBeGreaterThan(runs / 100);
  expect(taken).toBeLessThan(runs / 2);
});

/** A real one with some bytes changed, cut or lengthened; now and then noise. */
function hostileOpening({ below, one }: ReturnType<typeof chance>): Buffer {
  const bytes = greetingOf(cookie);
  for (let edits = below(4); edits > 0; edits -= 1) bytes[below(head.length)] = one([0, 1, 255, below(256)]);
  if (below(50) === 0) for (let at = 0; at < bytes.length; at += 1) bytes[at] = below(256);
  const length = one([0, below(greetingLength), greetingLength - 1, greetingLength, greetingLength]);
  return Buffer.concat([bytes.subarray(0, length), Buffer.alloc(one([0, 0, 1, 300]), below(256))]);
}

function patched(at: number, byte: number): Buffer {
  const bytes = greetingOf(cookie);
  bytes[at] = byte;
  return bytes;
}
