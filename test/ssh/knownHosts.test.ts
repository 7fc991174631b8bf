import { execFile, execFileSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { fingerprint } from '../../src/ssh/hostKeyBlob.js';
import { findHostKeys, parseKnownHosts } from '../../src/ssh/knownHosts.js';
import { openWorkshop } from './support/keys.js';

const cases = process.env.LONG === '1' ? 25_000 : 5_000;
/** Lines know nothing of each other, and starting ssh-keygen is what takes time. */
const casesAtOnce = 25;
const workshop = openWorkshop();
afterAll(() => workshop.close());

const keys = [
  workshop.makeKey('ed25519'),
  workshop.makeKey('ed25519'),
  workshop.makeKey('ecdsa'),
  workshop.makeKey('ecdsa', '', '-b', '384'),
  workshop.makeKey('ecdsa', '', '-b', '521'),
  workshop.makeKey('rsa'),
  workshop.makeKey('rsa', '', '-b', '1024'),
];
const [ed25519, other, ecdsa, , , rsa] = keys as [
  (typeof keys)[0],
  (typeof keys)[0],
  (typeof keys)[0],
  ...typeof keys,
];

/** What is found, one text an entry. */
function ours(text: string, host: string, port: number): string[] {
  const found = findHostKeys(parseKnownHosts(text).entries, host, port);
  return [
    ...found.keys.map((key) => `${key.line} ${fingerprint(key.key)}`),
    ...found.revoked.map((key) => `${key.line} REVOKED ${fingerprint(key.key)}`),
    ...found.notices.map((notice) => `${/\d+/.exec(notice)?.[0]} CA`),
  ].sort();
}

/** The same from ssh-keygen -l -F, which reads keys as ssh does. It wants the name in lower case, as ssh makes it. */
async function theirs(text: string, host: string, port: number): Promise<string[]> {
  const file = workshop.path('known_hosts');
  writeFileSync(file, text);
  const name = port === 22 ? host : `[${host}]:${port}`;
  const { stdout } = await promisify(execFile)('ssh-keygen', ['-l', '-F', name, '-f', file]).catch(
    (cause: { stdout: string; stderr: string; code: unknown }) => {
      if (cause.code !== 1) throw cause;
      return cause;
    },
  );
  const found = [
    ...stdout.matchAll(/^# Host .* found: line (\d+) *(CA|REVOKED)?\s*\n\S+ \S+ (SHA256:\S+)/gm),
  ];
  return found
    .map(([, line, marker, print]) =>
      marker === 'CA' ? `${line} CA` : `${line} ${marker ? 'REVOKED ' : ''}${print}`,
    )
    .sort();
}

const hosts = ['h.example', 'a.h.example', '192.0.2.1', '::1'];
const ports = [22, 2222];
const names = hosts.flatMap((host) => [host, host.toUpperCase(), `[${host}]:2222`, `[${host}]:22`, '*']);
const hash = (name: string, salt: Buffer) =>
  `|1|${salt.toString('base64')}|${createHmac('sha1', salt).update(name).digest('base64')}`;

const pattern = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...names) },
  fc.constantFrom(
    '*',
    '*.example',
    '?.example',
    'h.*',
    'H.E*',
    '[*]:2222',
    '[h.example]:*',
    '*:*',
    '??????????',
    '',
    '***e',
    '!',
    '192.0.2.?',
  ),
  fc.string({ maxLength: 4, unit: fc.constantFrom('h', '.', '*', '?', 'e', '[', ']', ':') }),
  fc.constantFrom('h', '*').map((one) => one.repeat(1_030)),
);
const patternList = fc
  .array(fc.tuple(fc.constantFrom(...Array<string>(10).fill(''), '!', '!!'), pattern), {
    minLength: 1,
    maxLength: 4,
  })
  .map((list) => list.map(([negation, one]) => negation + one).join(','));
const salt = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const hashedName = fc
  .tuple(
    fc.constantFrom(...hosts, ...hosts.map((host) => `[${host}]:2222`), 'H.EXAMPLE'),
    fc.oneof({ weight: 6, arbitrary: salt(20) }, salt(19), salt(21)),
    fc.constantFrom<(text: string) => string>(
      (text) => text,
      (text) => text,
      (text) => text,
      (text) => text.slice(0, -1),
      (text) => `${text},h.example`,
      (text) => `!${text}`,
      (text) => text.replace('|1|', '|2|'),
      (text) => text.replace('|1|', '|1|A'),
      (text) => text.replace(/=\|/, '|'),
    ),
  )
  .map(([name, salt, spoil]) => spoil(hash(name, Buffer.from(salt))));

const shortKey = Buffer.from(ed25519.blob).subarray(0, -1).toString('base64');
const tornRsa = (rsa as (typeof keys)[0]).blob.subarray(0, -30).toString('base64');
const longKey = Buffer.concat([ed25519.blob, Buffer.from([0])]).toString('base64');
const offCurve = Buffer.from(ecdsa.blob);
offCurve[offCurve.length - 1] = (offCurve.at(-1) ?? 0) ^ 1;
const base64Of = (key: (typeof keys)[0]) => key.blob.toString('base64');
const keyField = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...keys.map((key) => key.line)) },
  fc.constantFrom(
    ed25519.line.replace(' ', '\t'),
    ed25519.line.replace(' ', ' \t '),
    `${ed25519.line} a comment # more`,
    `${ed25519.line}\t#comment`,
    `${ed25519.line}\r`,
    `${ed25519.line} comment\r`,
    `ssh-rsa ${base64Of(ed25519)}`,
    `ssh-ed25519 ${base64Of(rsa as (typeof keys)[0])}`,
    `ecdsa-sha2-nistp384 ${base64Of(ecdsa)}`,
    `rsa-sha2-256 ${base64Of(rsa as (typeof keys)[0])}`,
    `rsa-sha2-512 ${base64Of(rsa as (typeof keys)[0])}`,
    `SSH-ED25519 ${base64Of(ed25519)}`,
    `ssh-ed25519 ${shortKey}`,
    `ssh-ed25519 ${longKey}`,
    `ssh-rsa ${tornRsa}`,
    `ssh-ed25519 ${base64Of(ed25519).slice(0, -2)}`,
    `ssh-ed25519 ${base64Of(ed25519)}=`,
    `ssh-ed25519 ${base64Of(ed25519)}AAAA`,
    `ssh-ed25519 ${base64Of(ed25519).replace(/A/, '-')}`,
    `ecdsa-sha2-nistp256 ${offCurve.toString('base64')}`,
    'ssh-ed25519',
    'ssh-ed25519 ',
    'ssh-ed25519 # no key',
    '# no key at all',
    '1024 35 1234567890123456789',
    'unknown-type AAAA',
    '',
  ),
);
const marker = fc.oneof(
  { weight: 8, arbitrary: fc.constant('') },
  fc.constantFrom(
    '@revoked ',
    '@revoked ',
    '@cert-authority ',
    '@revoked\t',
    '@revoked \t',
    '@REVOKED ',
    '@bogus ',
  ),
  fc.constantFrom('@revoked @revoked ', '@cert-authority @revoked ', '@', '@ ', '@revoked-too ', '@revoked'),
);
const line = fc.oneof(
  {
    weight: 12,
    arbitrary: fc
      .tuple(
        fc.constantFrom('', '', '', ' ', '\t', ' \t'),
        marker,
        fc.oneof({ weight: 3, arbitrary: patternList }, { weight: 1, arbitrary: hashedName }),
        fc.constantFrom(' ', ' ', '\t', '  \t'),
        keyField,
      )
      .map((fields) => fields.join('')),
  },
  fc.constantFrom(
    '',
    ' ',
    '\r',
    '# a comment',
    '  # another',
    '#h.example ssh-ed25519 AAAA',
    'h.example',
    '@revoked',
  ),
  fc.string({ maxLength: 20 }),
);
// Every line ends in a newline: at the end of a file without one, OpenSSH reads on behind a line that is a host alone.
const file = fc
  .array(line, { minLength: 1, maxLength: 8, size: 'max' })
  .map((lines) => lines.map((one) => `${one}\n`).join(''));

test(`finds what ssh-keygen finds, in ${cases} generated files`, { timeout: 300_000 }, async () => {
  let found = 0;
  const property = fc.asyncProperty(
    fc.array(file, { minLength: casesAtOnce, maxLength: casesAtOnce }),
    fc.constantFrom(...hosts),
    fc.constantFrom(...ports),
    async (files, host, port) => {
      const text = files.join('');
      const expected = await theirs(text, host, port);
      found += expected.length;
      expect(ours(text, host, port)).toEqual(expected);
    },
  );
  await fc.assert(property, {
    numRuns: cases / casesAtOnce,
    ...(process.env.SEED ? { seed: Number(process.env.SEED) } : {}),
  });
  expect(found).toBeGreaterThan(cases / 4); // else the generator makes only what nobody finds
});

test('finds names that ssh-keygen -H has hashed, and no others', () => {
  const path = workshop.path('hashed');
  writeFileSync(path, `h.example,192.0.2.1 ${ed25519.line}\n[h.example]:2222 ${other.line}\n`);
  execFileSync('ssh-keygen', ['-q', '-H', '-f', path], { stdio: 'ignore' });
  const text = readFileSync(path, 'utf8');
  expect(text).not.toContain('example');
  const { entries } = parseKnownHosts(text);
  const keysOf = (host: string, port: number) => findHostKeys(entries, host, port).keys.map(({ key }) => key);
  expect(keysOf('H.Example', 22)).toEqual([ed25519.blob]);
  expect(keysOf('192.0.2.1', 22)).toEqual([ed25519.blob]);
  expect(keysOf('h.example', 2222)).toEqual([other.blob]);
  expect(keysOf('h.example', 2223)).toEqual([]);
});

test('the name may come in any case, and the last line without a newline', () => {
  const { entries } = parseKnownHosts(`*.Example ${ed25519.line}`);
  expect(findHostKeys(entries, 'H.EXAMPLE', 22).keys).toEqual([
    { type: 'ssh-ed25519', key: ed25519.blob, line: 1 },
  ]);
});

test('a certificate authority is passed over with a notice, malformed lines are counted', () => {
  const text = `@cert-authority * ${ed25519.line}\r\n\r\n# comment\r\nh.example ssh-ed25519 AAAA\r\nh.example\r\n`;
  const { entries, malformed } = parseKnownHosts(text);
  expect(malformed.map(({ line }) => line)).toEqual([4, 5]);
  expect(findHostKeys(entries, 'h.example', 22)).toEqual({
    keys: [],
    revoked: [],
    notices: ['line 1: @cert-authority is not supported and was passed over'],
  });
});

test('what the generator meets too rarely: a salt of another length, a torn RSA key', async () => {
  const text = [19, 20, 21]
    .map((length) => `${hash('h', Buffer.alloc(length, 7))} ${ed25519.line}\n`)
    .join('');
  expect(ours(`${text}h ssh-rsa ${tornRsa}\n`, 'h', 22)).toEqual([`2 ${ed25519.fingerprint}`]);
  expect(await theirs(`${text}h ssh-rsa ${tornRsa}\n`, 'h', 22)).toEqual([`2 ${ed25519.fingerprint}`]);
});

test('a pattern made to be slow is not', () => {
  const { entries } = parseKnownHosts(`${'*a'.repeat(400)}b ${ed25519.line}\n`);
  const started = performance.now();
  expect(findHostKeys(entries, 'a'.repeat(2_000), 22).keys).toEqual([]);
  expect(performance.now() - started).toBeLessThan(500);
});

test.each(keys.map((key) => [key.type, key] as const))(
  'the fingerprint of %s is the one ssh-keygen shows',
  (_, key) => {
    expect(fingerprint(key.blob)).toBe(key.fingerprint);
  },
);
