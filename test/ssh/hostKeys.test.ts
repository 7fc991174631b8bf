import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { X2GoError } from '../../src/errors.js';
import { strictVerifier } from '../../src/ssh/hostVerifier.js';
import { codeOf, open, openHostKeyWorkshop } from './support/hostKeyFiles.js';
import { dial, meet } from './support/login.js';
import { startServer, type TestServer } from './support/server.js';

const workshop = openHostKeyWorkshop();
const { knownHosts } = workshop;
const [mine, other, ecdsa] = [
  workshop.makeKey('ed25519'),
  workshop.makeKey('ed25519'),
  workshop.makeKey('ecdsa'),
];
afterAll(() => workshop.close());

describe('what is accepted', () => {
  const plain = `h.example ${mine.line}\n`;
  test.each([
    ['the key that is known', plain, true],
    ['one of several known keys', `h.example ${ecdsa.line}\n${plain}`, true],
    ['nothing known', '', 'hostKey.unknown'],
    ['another host known', `g.example ${mine.line}\n`, 'hostKey.unknown'],
    ['another port known', `[h.example]:2222 ${mine.line}\n`, 'hostKey.unknown'],
    ['another key known', `h.example ${other.line}\n`, 'hostKey.changed'],
    ['only another type known', `h.example ${ecdsa.line}\n`, 'hostKey.changed'],
    ['revoked', `@revoked * ${mine.line}\n`, 'hostKey.revoked'],
    ['revoked and known', `${plain}@revoked h.example ${mine.line}\n`, 'hostKey.revoked'],
    [
      'revoked before another is known',
      `@revoked * ${mine.line}\nh.example ${other.line}\n`,
      'hostKey.revoked',
    ],
    ['another key revoked', `${plain}@revoked * ${other.line}\n`, true],
    ['revoked for another host', `${plain}@revoked g.example ${mine.line}\n`, true],
    ['only an authority known', `@cert-authority * ${mine.line}\n`, 'hostKey.unknown'],
  ])('%s', async (_, content, verdict) => {
    expect(codeOf((await open(knownHosts(content))).verify(mine.blob))).toBe(verdict);
  });

  test('on another port the bare name does not count', async () => {
    const file = knownHosts(plain);
    expect(codeOf((await open(file, { port: 2222 })).verify(mine.blob))).toBe('hostKey.unknown');
  });

  test('all files are read: known in one, revoked in another', async () => {
    const [first, second] = [knownHosts(''), knownHosts(plain)];
    expect(codeOf((await open([first, second])).verify(mine.blob))).toBe(true);
    const third = knownHosts(`@revoked * ${mine.line}\n`);
    expect(codeOf((await open([first, second, third])).verify(mine.blob))).toBe('hostKey.revoked');
  });

  test.each([
    ['nothing', Buffer.alloc(0)],
    ['a torn key', mine.blob.subarray(0, 20)],
    ['a key with a tail', Buffer.concat([mine.blob, Buffer.from('x')])],
  ])('%s is no key', async (_, key) => {
    for (const mode of ['strict', 'ask', 'accept-new'] as const) {
      const file = knownHosts('');
      expect(codeOf((await open(file, { mode })).verify(key))).toBe('hostKey.unchecked');
      expect(readFileSync(file, 'utf8')).toBe('');
    }
  });

  test('the types known for the host are offered first', async () => {
    const { algorithms } = await open(knownHosts(`h.example ${ecdsa.line}\n@revoked * ${mine.line}\n`));
    expect(algorithms[0]).toBe('ecdsa-sha2-nistp256');
    expect(algorithms).toContain('ssh-ed25519');
  });

  test('what was passed over is told', async () => {
    const file = knownHosts(`@cert-authority * ${mine.line}\nh.example nonsense\n\n# fine\nmore nonsense\n`);
    expect((await open(file)).notices).toEqual([
      `${file}, line 1: @cert-authority is not supported and was passed over`,
      `${file}: malformed lines ignored: 2`,
    ]);
  });
});

describe('what a refusal says', () => {
  test('changed: both fingerprints, the line, and that nothing was sent', async () => {
    const file = knownHosts(`# first\nh.example ${other.line}\n`);
    const error = (await open(file)).verify(mine.blob) as X2GoError;
    for (const part of [
      mine.fingerprint,
      other.fingerprint,
      `${file}:2`,
      'Nothing was sent',
      'ssh-keygen -f',
    ]) {
      expect(error.message).toContain(part);
    }
    expect(error.retryable).toBe(false);
  });

  test('unknown: the fingerprint, and what to do', async () => {
    const error = (await open(knownHosts(''), { port: 2222 })).verify(mine.blob) as X2GoError;
    expect(error.message).toContain(`[h.example]:2222 is not known: ${mine.fingerprint} (ssh-ed25519)`);
    expect(error.message).toContain('accept-new');
  });

  test('revoked: the line', async () => {
    const file = knownHosts(`@revoked * ${mine.line}\n`);
    expect(((await open(file)).verify(mine.blob) as X2GoError).message).toContain(`${file}:1`);
  });
});

describe('through a handshake, before any password is sent', () => {
  let server: TestServer;
  const at = () => `[127.0.0.1]:${server.port}`;
  const here = () => ({ host: '127.0.0.1', port: server.port });
  beforeAll(async () => {
    server = await startServer([mine.pem], (context) => context.accept());
  });
  afterAll(() => server.close());

  test.each([
    ['changed', () => `${at()} ${other.line}\n`, 'hostKey.changed'],
    ['revoked', () => `${at()} ${mine.line}\n@revoked * ${mine.line}\n`, 'hostKey.revoked'],
    ['unknown', () => '', 'hostKey.unknown'],
    ['known', () => `${at()} ${mine.line}\n`, undefined],
  ])('%s', async (_, content, code) => {
    const file = knownHosts(content());
    const before = readFileSync(file);
    expect((await meet(server.port, await open(file, here())))?.code).toBe(code);
    expect(readFileSync(file)).toEqual(before);
    expect(server.seen).toEqual([]);
  });

  test('ask: refused, then remembered after a person said yes, then accepted', async () => {
    const file = knownHosts();
    const hostKeys = await open(file, { ...here(), mode: 'ask' });
    expect((await meet(server.port, hostKeys))?.code).toBe('hostKey.unknown');
    expect(existsSync(file)).toBe(false);
    expect(hostKeys.remember(mine.blob)).toBe(true);
    expect(await meet(server.port, hostKeys)).toBe(undefined);
    expect(await meet(server.port, await open(file, here()))).toBe(undefined);
    expect(readFileSync(file, 'utf8')).toBe(`${at()} ${mine.line}\n`);
  });

  test('a rekey asks again and is answered at once', async () => {
    let asked = 0;
    const hostKeys = await open(knownHosts(), { ...here(), mode: 'accept-new' });
    const hostVerifier = strictVerifier((key) => {
      asked += 1;
      return hostKeys.verify(key);
    });
    const login = await dial(server.port, {
      hostVerifier,
      authHandler: [{ type: 'none', username: 'alice' }],
    });
    await new Promise<void>((resolve) => server.connections.at(-1)?.rekey(() => resolve()));
    expect(asked).toBe(2);
    await login.end();
  });
});

describe('the key of a connection', () => {
  test('stays accepted whatever the file says later, and another one is a change', async () => {
    const file = knownHosts(`h.example ${mine.line}\nh.example ${other.line}\n`);
    const hostKeys = await open(file);
    expect(hostKeys.verify(mine.blob)).toBe(true);
    writeFileSync(file, '');
    expect(hostKeys.verify(Buffer.from(mine.blob))).toBe(true);
    const error = hostKeys.verify(other.blob) as X2GoError;
    expect(error.code).toBe('hostKey.changed');
    expect(error.message).toContain(mine.fingerprint);
    expect(error.message).toContain(other.fingerprint);
    expect(codeOf(hostKeys.remember(other.blob))).toBe('hostKey.changed');
  });

  test('is ours: what the caller does to its buffer later does not change it', async () => {
    const hostKeys = await open(knownHosts(`h.example ${mine.line}\n`));
    const shown = Buffer.from(mine.blob);
    expect(hostKeys.verify(shown)).toBe(true);
    other.blob.copy(shown);
    expect(codeOf(hostKeys.verify(other.blob))).toBe('hostKey.changed');
  });
});
