import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  lstatSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { HostKeyOptions } from '../../src/ssh/hostKeys.js';
import { codeOf, open, openHostKeyWorkshop } from './support/hostKeyFiles.js';

const workshop = openHostKeyWorkshop();
const { knownHosts } = workshop;
const [mine, other] = [workshop.makeKey('ed25519'), workshop.makeKey('ed25519')];
afterAll(() => workshop.close());

const accept = async (file: string, options: Partial<HostKeyOptions> = {}) =>
  codeOf((await open(file, { mode: 'accept-new', ...options })).verify(mine.blob));

test('writes an unknown host, and ssh-keygen finds it', async () => {
  const file = knownHosts();
  expect(await accept(file, { port: 2222, host: 'H.Example' })).toBe(true);
  expect(
    execFileSync('ssh-keygen', ['-l', '-F', '[h.example]:2222', '-f', file], { encoding: 'utf8' }),
  ).toContain(mine.fingerprint);
});

test.each([
  ['an empty file', '', `h.example ${mine.line}\n`],
  ['a file that ends in a newline', '# one\n', `# one\nh.example ${mine.line}\n`],
  ['a file without a final newline', '# one', `# one\nh.example ${mine.line}\n`],
  ['CRLF', `g ${other.line}\r\n`, `g ${other.line}\r\nh.example ${mine.line}\n`],
])('%s', async (_, before, after) => {
  const file = knownHosts(before);
  expect(await accept(file)).toBe(true);
  expect(readFileSync(file, 'utf8')).toBe(after);
  expect(readdirSync(dirname(file))).toEqual(['known_hosts']);
});

test('every other line stays byte for byte, what is no text too', async () => {
  const before = Buffer.from([0xff, 0xfe, 0, 0x0a, 0x09, 0x0d, 0x0a, 0x0a, 0xc3, 0x28]);
  const file = knownHosts(before);
  expect(await accept(file)).toBe(true);
  expect(readFileSync(file).subarray(0, before.length)).toEqual(before);
});

test('known: nothing is written. changed and revoked: refused, nothing is written', async () => {
  for (const [content, verdict] of [
    [`h.example ${mine.line}`, true],
    [`h.example ${other.line}`, 'hostKey.changed'],
    [`@revoked * ${mine.line}`, 'hostKey.revoked'],
  ] as const) {
    const file = knownHosts(content);
    const { ino } = statSync(file);
    expect(await accept(file)).toBe(verdict);
    expect(readFileSync(file, 'utf8')).toBe(content);
    expect(statSync(file).ino).toBe(ino);
  }
});

test('a new file is 0600 in a new directory that is 0700', async () => {
  const file = `${dirname(knownHosts())}/new/deeper/known_hosts`;
  expect(await accept(file)).toBe(true);
  expect(statSync(file).mode & 0o7777).toBe(0o600);
  expect(statSync(dirname(file)).mode & 0o7777).toBe(0o700);
});

test.skipIf(process.getuid?.() !== 0)('an existing file keeps its mode and its owner', async () => {
  const file = knownHosts('# one\n');
  chmodSync(file, 0o644);
  chownSync(file, 1234, 4321);
  expect(await accept(file)).toBe(true);
  expect(statSync(file)).toMatchObject({ uid: 1234, gid: 4321 });
  expect(statSync(file).mode & 0o7777).toBe(0o644);
});

test.each([
  ['an existing file', '# one\n'],
  ['a file that is not there yet', undefined],
])('a chain of links to %s stays, its end is written', async (_, content) => {
  const target = knownHosts(content);
  const link = knownHosts();
  symlinkSync('second', link);
  symlinkSync(target, `${dirname(link)}/second`);
  expect(await accept(link)).toBe(true);
  expect(lstatSync(link).isSymbolicLink()).toBe(true);
  expect(lstatSync(target).isSymbolicLink()).toBe(false);
  expect(readFileSync(target, 'utf8')).toBe(`${content ?? ''}h.example ${mine.line}\n`);
});

test('hashes the name in a file that has hashed names only', async () => {
  const hashed = knownHosts(`g.example ${other.line}\n`);
  execFileSync('ssh-keygen', ['-q', '-H', '-f', hashed], { stdio: 'ignore' });
  expect(await accept(hashed)).toBe(true);
  expect(readFileSync(hashed, 'utf8')).not.toContain('example');
  expect(codeOf((await open(hashed)).verify(mine.blob))).toBe(true);
  expect(execFileSync('ssh-keygen', ['-l', '-F', 'h.example', '-f', hashed], { encoding: 'utf8' })).toContain(
    mine.fingerprint,
  );

  const mixed = knownHosts(`${readFileSync(hashed, 'utf8')}f.example ${other.line}\n`);
  expect(await accept(mixed, { host: 'e.example' })).toBe(true);
  expect(readFileSync(mixed, 'utf8')).toContain(`\ne.example ${mine.line}\n`);
});

test.each(['evil\nh.example', '*', '@revoked h', '#h', 'a,b', '!h', '|1|x', 'ünï.example', ''])(
  'a host called %j is not written as anything else',
  async (host) => {
    const file = knownHosts();
    expect(await accept(file, { host })).toBe(true);
    expect(readFileSync(file, 'utf8')).toMatch(/^\|1\|\S+\|\S+ ssh-ed25519 \S+\n$/);
    expect(codeOf((await open(file, { host })).verify(mine.blob))).toBe(true);
    expect(codeOf((await open(file)).verify(other.blob))).toBe('hostKey.unknown');
  },
);

test('another process wrote in the meantime: its line is kept, and counts', async () => {
  const file = knownHosts('');
  const [first, second, third] = await Promise.all([0, 1, 2].map(() => open(file, { mode: 'accept-new' })));
  writeFileSync(file, `g.example ${other.line}\n`);
  expect(first?.verify(mine.blob)).toBe(true);
  expect(readFileSync(file, 'utf8')).toBe(`g.example ${other.line}\nh.example ${mine.line}\n`);
  expect(codeOf(second?.verify(other.blob) ?? true)).toBe('hostKey.changed');
  expect(third?.verify(mine.blob)).toBe(true);
  expect(readFileSync(file, 'utf8').match(/h\.example/g)).toHaveLength(1);
});

test('no file to remember it in: refused', async () => {
  expect(codeOf((await open([], { mode: 'accept-new' })).verify(mine.blob))).toBe('hostKey.unchecked');
});

test('/dev/null is an empty file that forgets, and stays a device', async () => {
  expect(await accept('/dev/null')).toBe(true);
  expect(statSync('/dev/null').isCharacterDevice()).toBe(true);
});
