import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { strictVerifier } from '../../src/ssh/hostVerifier.js';
import { openWorkshop } from './support/keys.js';
import { dial } from './support/login.js';
import { startServer, type TestServer } from './support/server.js';

const workshop = openWorkshop();
let server: TestServer;
const unhandled: unknown[] = [];
const note = (cause: unknown) => unhandled.push(cause);

beforeAll(async () => {
  process.on('unhandledRejection', note);
  server = await startServer([workshop.makeKey('ed25519').pem], (context) => context.accept());
});
afterAll(async () => {
  process.off('unhandledRejection', note);
  await server.close();
  workshop.close();
});

const options = { authHandler: [{ type: 'password' as const, username: 'alice', password: 'secret' }] };

const noes: [string, () => unknown][] = [
  ['undefined', () => undefined],
  ['null', () => null],
  ['0', () => 0],
  ['an empty text', () => ''],
  ['NaN', () => Number.NaN],
  ['an object', () => ({})],
  ['an Error', () => new Error('no')],
  ['a promise of true', () => Promise.resolve(true)],
  ['a promise of false', () => Promise.resolve(false)],
  [
    'a throw',
    () => {
      throw new Error('thrown');
    },
  ],
  ['a promise that rejects', () => Promise.reject(new Error('rejected'))],
  ['1', () => 1],
  ['the text true', () => 'true'],
  ['a boxed true', () => Object(true)],
  ['false', () => false],
];

test.each(noes)('%s is not a yes: the server is refused and sees no authentication', async (_, answer) => {
  const before = server.connections.length;
  await expect(dial(server.port, { ...options, hostVerifier: strictVerifier(answer) })).rejects.toThrow(
    'Host denied (verification failed)',
  );
  expect(server.connections.length).toBe(before + 1);
  expect(server.seen).toEqual([]);
  await new Promise(setImmediate);
  expect(unhandled).toEqual([]);
});

test.each([
  ['null', () => null],
  ['an Error', () => new Error('no')],
  ['a promise of false', () => Promise.resolve(false)],
])('ssh2 itself takes %s for a yes: that is what the wrapper is for', async (_, answer) => {
  const login = await dial(server.port, { ...options, hostVerifier: answer as never });
  await login.end();
});

test('only true is a yes', async () => {
  server.secrets.length = 0;
  const login = await dial(server.port, { ...options, hostVerifier: strictVerifier(() => true) });
  await login.end();
  expect(server.secrets).toEqual(['secret']);
});

test('a key that is no Buffer (hostHash was set) is refused', () => {
  const verify: (key: never) => boolean = strictVerifier(() => true);
  expect(verify('aa:bb' as never)).toBe(false);
});

const src = new URL('../../src', import.meta.url).pathname;
const sources = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => ({ name, code: withoutComments(readFileSync(join(src, name), 'utf8')) }));

test('nothing in src gives ssh2 another verifier, or a Client none', () => {
  expect(sources.length).toBeGreaterThan(10);
  for (const { name, code } of sources) expect(faultOf(code), name).toBe(undefined);
});

test.each([
  ['hostVerifier: () => true', 'another verifier'],
  ['hostVerifier: (key) => strictVerifier(check)(key)', 'another verifier'],
  ['const hostVerifier = check; client.connect({ hostVerifier })', 'another verifier'],
  ['hostVerifier(key) { return true; }', 'another verifier'],
  ["['hostVerifier']: check", 'another verifier'],
  ["hostVerifier: strictVerifier(check), hostHash: 'md5'", 'hostHash'],
  ['const client = new ssh2.Client(); client.connect({ host })', 'a Client without a verifier'],
  ['const client = new Client(); client.connect({ host, hostVerifier: strictVerifier(check) })', undefined],
])('%s: %s', (code, fault) => {
  expect(faultOf(code)).toBe(fault);
});

function faultOf(code: string): string | undefined {
  if (/\bhostVerifier\b(?!: strictVerifier\(|\.js')/.test(code)) return 'another verifier';
  if (/\bhostHash\b/.test(code)) return 'hostHash';
  if (/\bnew (ssh2\.)?Client\(/.test(code) && !/\bhostVerifier: strictVerifier\(/.test(code)) {
    return 'a Client without a verifier';
  }
  return undefined;
}

function withoutComments(code: string): string {
  return code.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*/g, '');
}
