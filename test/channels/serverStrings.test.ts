import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type PulseAddress, parsePulseServer, writeClientConfiguration } from '../../src/protocol/pulse.js';

const unix = (path: string): PulseAddress => ({ kind: 'unix', path });
const tcp = (host: string, port: number, family: 0 | 4 | 6): PulseAddress => ({
  kind: 'tcp',
  host,
  port,
  family,
});

test.each<[string, PulseAddress]>([
  ['/run/user/1000/pulse/native', unix('/run/user/1000/pulse/native')],
  ['unix:/run/user/1000/pulse/native', unix('/run/user/1000/pulse/native')],
  ['unix:/tmp/a:b', unix('/tmp/a:b')],
  ['sound.example.org', tcp('sound.example.org', 4713, 0)],
  ['sound.example.org:4714', tcp('sound.example.org', 4714, 0)],
  ['tcp:sound.example.org', tcp('sound.example.org', 4713, 4)],
  ['tcp:192.0.2.7:4714', tcp('192.0.2.7', 4714, 4)],
  ['tcp4:192.0.2.7:1', tcp('192.0.2.7', 1, 4)],
  ['tcp6:[2001:db8::7]:65535', tcp('2001:db8::7', 65_535, 6)],
  ['tcp6:[::1]', tcp('::1', 4713, 6)],
  ['[::1]', tcp('::1', 4713, 0)],
  ['tcp:[192.0.2.7]:4714', tcp('192.0.2.7', 4714, 4)],
])('%s is an address', (text, address) => {
  expect(parsePulseServer(text)).toEqual([{ ok: true, text, address }]);
});

test('an address may be meant for one machine', () => {
  const address = unix('/tmp/pulse/native');
  const [named, unnamed] = parsePulseServer('{0123abcd}unix:/tmp/pulse/native {}unix:/tmp/pulse/native');
  expect(named).toMatchObject({ ok: true, machine: '0123abcd', address });
  expect(unnamed).toMatchObject({ ok: true, machine: '', address });
});

test('several addresses keep their order, whatever blanks are between them', () => {
  const entries = parsePulseServer(' {a}unix:/x\ttcp6:[::1]:4713\n\n sound ');
  expect(entries.map(({ text }) => text)).toEqual(['{a}unix:/x', 'tcp6:[::1]:4713', 'sound']);
  expect(parsePulseServer(' \t')).toEqual([]);
});

test.each([
  'unix:',
  'unix:native',
  'tcp:',
  'tcp::4713',
  ':4713',
  'tcp6:[::1',
  'tcp6:[]:4713',
  'tcp6:[::1]4713',
  'tcp6:::1',
  'sound:',
  'sound:0',
  'sound:65536',
  'sound:80250',
  'sound:0x126a',
  'sound:-1',
  'sound:4713,other',
  '{a',
  '{a{b}}sound',
  '/tmp/\0native',
  '/tmp/\x1b[2J',
])('%j is no address, and a good one after it counts', (text) => {
  const [bad, good] = parsePulseServer(`${text} /good`);
  expect(bad).toMatchObject({ ok: false, text, reason: expect.stringMatching(/\S/) });
  expect(good).toMatchObject({ ok: true, address: unix('/good') });
});

test('whatever PULSE_SERVER holds, each word of it is an address or has a reason', () => {
  const pieces = fc.constantFrom(
    '{',
    '}',
    'tcp',
    'tcp4',
    'tcp6',
    'unix',
    ':',
    '/',
    '[',
    ']',
    ' ',
    '4713',
    '::1',
    '\0',
  );
  const text = fc.array(fc.oneof({ weight: 5, arbitrary: pieces }, fc.string({ unit: 'binary' })));
  let taken = 0;
  const run = fc.property(text, (words) => {
    const given = words.join('');
    const entries = parsePulseServer(given);
    expect(entries.map((entry) => entry.text).join(' ')).toBe(given.trim().replace(/\s+/g, ' '));
    for (const entry of entries) {
      if (!entry.ok) continue;
      taken += 1;
      const { address } = entry;
      if (address.kind === 'unix') expect(address.path).toMatch(/^\/[^\x00-\x1f]*$/);
      else expect(address.host.length * address.port).toBeGreaterThan(0);
    }
  });
  fc.assert(run, { numRuns: 20_000 });
  expect(taken).toBeGreaterThan(1_000);
});

test('the client configuration names the port and the cookie, shares no memory and starts no other server', () => {
  expect(writeClientConfiguration(30_003, '/home/anna maria/.x2go/C-x')).toEqual({
    ok: true,
    text:
      'default-server=127.0.0.1:30003\n' +
      'cookie-file=/home/anna maria/.x2go/C-x/.pulse-cookie\n' +
      'autospawn=no\n' +
      'enable-shm=no\n',
  });
});

test.each([
  [30_003, '/home/a#b'],
  [30_003, '/home/a;b'],
  [30_003, '/home/a\nautospawn=yes'],
  [30_003, '/home/a\0'],
  [30_003, 'home/a'],
  [30_003, ''],
  [0, '/home/a'],
  [1.5, '/home/a'],
  [Number.NaN, '/home/a'],
])('no client configuration for port %d and folder %j', (port, folder) => {
  expect(writeClientConfiguration(port, folder)).toMatchObject({ ok: false });
});
