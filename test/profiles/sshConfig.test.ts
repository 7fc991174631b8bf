/** An ssh configuration is read within limits, and what is wrong with it is said with its file and line. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { readSshConfig, type SshTarget } from '../../src/profiles/sshConfig.js';
import { matchesName } from '../../src/profiles/sshConfigGlob.js';
import { openFiles } from '../support/aftermath.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'x2go-ssh-config-'));
});
afterEach(() => expect(openFiles().filter((path) => path.startsWith(folder))).toEqual([]));
afterAll(() => rmSync(folder, { recursive: true }));

const surroundings = () => ({
  home: folder,
  localUser: 'me',
  uid: 1_000,
  localHost: 'here.example.org',
  env: {},
});
const write = (name: string, text: string | Buffer) => {
  const file = join(folder, name);
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, text, { mode: 0o600 });
  return file;
};
const read = async (text: string | Buffer) => readSshConfig(write('config', text), surroundings());
const route = async (text: string, target: SshTarget) => (await read(text)).route(target);
const trouble = (work: Promise<unknown>) =>
  work.then(
    () => 'nothing',
    (cause: { code?: string; message: string }) => `${cause.code}: ${cause.message}`,
  );

test('what was asked for wins, the first value of the configuration is next', async () => {
  const text = 'Host office\nUser alice\nPort 2222\nHost *\nUser bob\nHostName %h.example.org\n';
  expect(await route(text, { host: 'office', port: 7 })).toMatchObject({
    target: { host: 'office.example.org', port: 7, user: 'alice' },
    via: [],
  });
  expect((await route(text, { host: 'x', user: 'carol' })).target).toMatchObject({ user: 'carol', port: 22 });
});

describe('jumps', () => {
  test('are hosts of the configuration themselves, nearest first', async () => {
    const text = [
      'Host office',
      'ProxyJump first,bob@second:222',
      'Host first',
      'HostName 10.0.0.1',
      'ProxyJump outer',
      'Host *',
      'User alice',
    ].join('\n');
    const { via } = await route(text, { host: 'office' });
    expect(via.map(({ user, host, port }) => `${user}@${host}:${port}`)).toEqual([
      'alice@outer:22',
      'alice@10.0.0.1:22',
      'bob@second:222',
    ]);
  });
  test.each([
    ['itself', 'Host *\nProxyJump office\n'],
    ['one another', 'Host office\nProxyJump a\nHost a\nProxyJump b\nHost b\nProxyJump a\n'],
    ['ever new hosts', `Host office\nProxyJump ${Array.from({ length: 40 }, (_, at) => `h${at}`).join()}\n`],
  ])('over %s are refused', async (_, text) => {
    expect(await trouble(route(text, { host: 'office' }))).toMatch(/^config\.invalid: .*without an end/);
  });
});

test('neither Match exec nor ProxyCommand is run', async () => {
  const mark = join(folder, 'ran');
  const text = `Match exec "touch ${mark}"\nUser eve\nMatch !exec "touch ${mark}"\nUser eve\nHost p\nProxyCommand touch ${mark}\n`;
  const found = await route(text, { host: 'office' });
  expect(found.target.user).toBe('me');
  expect(found.notices.map(({ name, text }) => [name, text.replace(folder, '')])).toEqual([
    ['matchExecNotRun', '/config, line 1: Match exec is never run; what follows it does not apply'],
    ['matchExecNotRun', '/config, line 3: Match exec is never run; what follows it does not apply'],
  ]);
  expect(await trouble(route(text, { host: 'p' }))).toMatch(/^config\.invalid: .*ProxyCommand.*is not run/);
  expect(() => symlinkSync(mark, `${mark}-free`)).not.toThrow();
});

describe('refused with a reason:', () => {
  test.each([
    [
      'a port that is none',
      'Host a\nPort 70000\n',
      /^config\.invalid: .*config, line 2: "70000" is not a port/,
    ],
    ['nothing after a keyword', 'User\n', /^config\.invalid: .*line 1: nothing follows "User"/],
    ['an open quote', 'User "x\n', /^config\.invalid: .*line 1: a quote is not closed/],
    [
      'a Match that asks for nothing',
      'Match host\n',
      /^config\.invalid: .*line 1: Match "host" says not what/,
    ],
    ['a Match we do not know', 'Match moon full\n', /^config\.invalid: .*Match cannot ask for "moon"/],
    ['NULs', 'Host a\0b\n', /^config\.invalid: .*it is no text/],
    ['a megabyte', `# ${'x'.repeat(1024 * 1024)}`, /^config\.invalid: .*longer than 256 KiB/],
    ['an Include of itself', 'Include config\n', /^config\.invalid: .*it includes itself/],
    ['a home that is not ours', 'Include ~root/x\n', /^config\.invalid: .*cannot include "~root\/x"/],
    ['a whole disk', 'Include /*/*/*/*/*\n', /^config\.invalid: .*is in more than 1000 folders/],
    ['a token nobody knows', 'UserKnownHostsFile /%Z\n', /^config\.invalid: .*%Z stands for nothing here/],
    [
      'a variable that is not set',
      `IdentityFile \${NO_SUCH}\n`,
      /^config\.invalid: .*\$\{NO_SUCH\} is not set/,
    ],
  ])('%s', async (_, text, wanted) => {
    mkdirSync(join(folder, '.ssh'), { recursive: true });
    const file = write(text.startsWith('Include config') ? '.ssh/config' : 'config', text);
    const work = readSshConfig(file, surroundings()).then((read) => read.route({ host: 'a' }));
    expect(await trouble(work)).toMatch(wanted);
  });

  test('files that include one another, by whatever names', async () => {
    symlinkSync(join(folder, 'ring/b'), write('ring/a', `Include ${folder}/ring/b\n`).replace(/a$/, 'c'));
    write('ring/b', `Include ${folder}/ring/a\n`);
    const work = readSshConfig(join(folder, 'ring/c'), surroundings());
    expect(await trouble(work)).toMatch(/^config\.invalid: .*it includes itself/);
  });

  test('Includes without an end, and more bytes than all files may have', async () => {
    for (let at = 0; at < 20; at += 1) write(`deep/${at}`, `Include ${folder}/deep/${at + 1}\n`);
    expect(await trouble(readSshConfig(join(folder, 'deep/0'), surroundings()))).toMatch(
      /Includes are 16 deep/,
    );
    for (let at = 0; at < 6; at += 1) write(`wide/${at}`, '#'.repeat(200 * 1024));
    const work = read(`Include ${folder}/wide/*\n`);
    expect(await trouble(work)).toMatch(/^config\.invalid: .*all files together are longer than 1024 KiB/);
  });

  test('a pipe, a folder, a file that is not there, one that others may write', async () => {
    const open = write('open', 'User eve\n');
    chmodSync(open, 0o666);
    expect(await trouble(read(`Include ${open}\n`))).toMatch(/^config\.invalid: .*others may write it/);
    expect(await trouble(readSshConfig(folder, surroundings()))).toMatch(
      /^file\.unreadable: .*it is no file/,
    );
    const missing = readSshConfig(join(folder, 'missing'), surroundings());
    expect(await trouble(missing)).toMatch(/^file\.unreadable: .*does not exist/);
    expect((await readSshConfig('/dev/null', surroundings())).resolve({ host: 'a' }).host).toBe('a');
  });
});

describe('what is made to take long is refused, or read, at once:', () => {
  const much = 200 * 1024;
  test.each([
    ['a time of digits alone', `ConnectTimeout ${'1'.repeat(much)}x\n`, /is not a time/],
    ['a time of many parts', `ServerAliveInterval ${'1s'.repeat(much / 2)}!\n`, /is not a time/],
    ['blanks in the middle', `User${' '.repeat(much)}x\n`, /^nothing$/],
    ['blanks and tabs at the end', `User x${' \t'.repeat(much / 2)}y\n`, /is too much/],
    ['a pattern of stars', `Host ${'*a'.repeat(much / 2)}\nUser x\n`, /^nothing$/],
    ['a Match of stars', `Match host ${'*a,'.repeat(much / 3)}\nUser x\n`, /^nothing$/],
    ['a Match of blanks', `Match host=${' '.repeat(much)}"\n`, /^config\.invalid: /],
    ['jumps without end', `ProxyJump ${'a,'.repeat(much / 2)}a\n`, /without an end/],
    ['tokens', `IdentityFile ${'%h'.repeat(1_000)}\n`, /^nothing$/],
    ['variables', `IdentityFile $${'{'.repeat(much)}\n`, /is not set/],
    ['files of known hosts', `UserKnownHostsFile ${'x '.repeat(much / 2)}\n`, /more than 32 files/],
    ['a quote after another', `User ${'"'.repeat(much + 1)}\n`, /a quote is not closed/],
  ])('%s', async (_, text, wanted) => {
    const began = performance.now();
    expect(await trouble(route(text, { host: 'a'.repeat(60) }))).toMatch(wanted);
    // A slow machine under load takes 100 ms; what goes back over itself takes minutes.
    expect(performance.now() - began).toBeLessThan(10_000);
  });
});

const wild = [
  '\u0000',
  '\u001b]0;x\u0007',
  ';touch /tmp/x',
  '$(touch x)',
  '`x`',
  '-oProxyCommand=x',
  '../../x',
  'a,b',
  'a b',
];
test.each(wild)('%j in every value gives an answer or a reason, and never leaves its line', async (value) => {
  const keywords = [
    ...['HostName', 'Port', 'User', 'IdentityFile', 'IdentitiesOnly', 'IdentityAgent', 'UserKnownHostsFile'],
    ...['HostKeyAlias', 'ProxyJump', 'ConnectTimeout', 'ServerAliveInterval', 'ServerAliveCountMax'],
    ...['ForwardAgent', 'CanonicalizeHostname', 'Include', 'Host', 'Match', 'CertificateFile'],
  ];
  for (const keyword of keywords) {
    const said = await trouble(route(`${keyword} ${value}\nHost *\nUser alice\n`, { host: 'a' }));
    expect(said).toMatch(/^(nothing|config\.invalid: )/);
    // What a file says is quoted in the reason: no terminal is steered by it.
    expect(said).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
  }
});

test('any text gives an answer or a reason, and nothing else', async () => {
  const word = fc.constantFrom(
    ...[
      'Host',
      'Match',
      'host',
      'all',
      'final',
      'exec',
      '!',
      '*',
      ',',
      '"',
      "'",
      '\\',
      '%',
      '${',
      '[',
      '=',
      '#',
      '\t',
      ' ',
      '\n',
      '\r',
      '\n\n',
      'HostName',
      'ProxyJump',
      'UserKnownHostsFile',
      '__proto__',
      'constructor',
      'User',
      'ü',
      '\u2028',
    ],
  );
  const texts = fc.array(fc.oneof({ weight: 9, arbitrary: word }, fc.string()), { maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(texts, fc.constantFrom('a', '__proto__', '*', '%h'), async (words, host) => {
      const said = await trouble(route(words.join(' ').replaceAll('\0', ''), { host }));
      expect(said).toMatch(/^(nothing|config\.invalid: )/);
    }),
    { numRuns: 150 },
  );
});

test.each([
  ['a*c', 'abbc', true],
  ['a*c', 'abbd', false],
  ['[a-c]?', 'bz', true],
  ['[!a-c]?', 'bz', false],
  ['[]x]', ']', true],
  ['\\*', '*', true],
  ['*', '.hidden', false],
  ['.*', '.hidden', true],
  ['*a*a*a*a*a*a*a*a*a*b', 'a'.repeat(250), false],
])('the pattern %s and the name %s: %s', (pattern, name, wanted) => {
  expect(matchesName(name, pattern)).toBe(wanted);
});
