import type { AuthContext } from 'ssh2';
import { afterAll, afterEach, expect, test } from 'vitest';
import type { Credentials } from '../../src/ssh/credentials.js';
import { strictVerifier } from '../../src/ssh/hostVerifier.js';
import { type KeyFile, openWorkshop } from './support/keys.js';
import { dial, logIn } from './support/login.js';
import { startServer, type TestServer } from './support/server.js';

const workshop = openWorkshop();
const hostKey = workshop.makeKey('ed25519').pem;
const [first, second] = [workshop.makeKey('ed25519'), workshop.makeKey('ecdsa')];
const rsa = workshop.makeKey('rsa');
const named = ({ path, fingerprint }: KeyFile) => `key ${path} (${fingerprint})`;
afterAll(() => workshop.close());

let server: TestServer | undefined;
afterEach(() => server?.close());
const start = async (authenticate: (context: AuthContext) => void, options = {}) => {
  server = await startServer([hostKey], authenticate, options);
  return server;
};
const refuse =
  (...offered: ('publickey' | 'password' | 'keyboard-interactive')[]) =>
  (context: AuthContext) =>
    context.reject(offered);
const everything: Credentials = {
  identities: [first.path],
  defaultIdentities: [second.path],
  password: 'secret',
};

test('named keys, default keys, password: in this order, then the end', async () => {
  const { port, seen, secrets } = await start(refuse('publickey', 'password', 'keyboard-interactive'));
  const { error, attempts } = await logIn(port, everything, 'alice');
  expect(seen).toEqual(['publickey ssh-ed25519', 'publickey ecdsa-sha2-nistp256', 'password']);
  expect(secrets).toEqual(['secret']);
  expect(error).toMatchObject({ code: 'auth.refused', retryable: false });
  expect(attempts).toEqual([named(first), named(second), 'password']);
  expect(error?.message).toBe(
    `The server did not let alice in after trying ${named(first)}, ${named(second)}, password` +
      '; the server takes publickey, password, keyboard-interactive.',
  );
});

test.each<[Credentials['order'], string[]]>([
  [
    ['password', 'publickey'],
    ['none', 'password', 'publickey ssh-ed25519', 'publickey ecdsa-sha2-nistp256'],
  ],
  [['password'], ['none', 'password']],
  [
    ['keyboard-interactive', 'password'],
    ['none', 'keyboard-interactive', 'password'],
  ],
  [
    ['publickey', 'publickey'],
    ['publickey ssh-ed25519', 'publickey ecdsa-sha2-nistp256'],
  ],
  [[], []],
])('the order %j', async (order, expected) => {
  const { port, seen } = await start(refuse('publickey', 'password', 'keyboard-interactive'));
  await logIn(port, { ...everything, ...(order && { order }) });
  expect(seen).toEqual(expected);
});

test('what the server does not offer is skipped: no password is shown to one that takes keys', async () => {
  const { port, seen } = await start(refuse('publickey'));
  const { error } = await logIn(port, everything);
  expect(seen).toEqual(['publickey ssh-ed25519', 'publickey ecdsa-sha2-nistp256']);
  expect(error?.code).toBe('auth.refused');
});

test('a password alone waits for the list of methods', async () => {
  const { port, seen, secrets } = await start(refuse('publickey'));
  const { error } = await logIn(port, { password: 'secret' }, 'alice');
  expect(seen).toEqual(['none']);
  expect(secrets).toEqual([]);
  expect(error).toMatchObject({ code: 'auth.noMethod', retryable: false });
  expect(error?.message).toBe(
    'Cannot log alice in: what we have is password, keyboard-interactive; the server takes publickey.',
  );
});

test('nothing to try: said without a word to the server', async () => {
  const { port, seen } = await start(refuse('publickey'));
  const { error, attempts } = await logIn(port, {}, 'alice');
  expect(seen).toEqual([]);
  expect(attempts).toEqual([]);
  expect(error?.code).toBe('auth.noMethod');
  expect(error?.message).toBe('Cannot log alice in: there is no key, agent or password to try.');
});

test('a key and then a password, when the server wants both', async () => {
  let keyed = false;
  const { port, seen } = await start((context) => {
    if (context.method === 'publickey' && !context.signature) return context.accept();
    if (context.method === 'publickey') keyed = true;
    if (context.method === 'publickey') return context.reject(['password'], true);
    if (context.method === 'password' && keyed) return context.accept();
    context.reject(['publickey']);
  });
  const { error, attempts } = await logIn(port, everything);
  expect(error).toBe(undefined);
  expect(attempts).toEqual([]);
  expect(seen).toEqual(['publickey ssh-ed25519', 'publickey ssh-ed25519 signed', 'password']);
});

test('a key accepted and a password refused: the message says both', async () => {
  const { port } = await start((context) => {
    if (context.method !== 'publickey') return context.reject(['password']);
    if (!context.signature) return context.accept();
    context.reject(['password'], true);
  });
  const { error } = await logIn(port, { identities: [first.path], password: 'x' });
  expect(error?.code).toBe('auth.refused');
  expect(error?.message).toContain(`after trying password; it accepted ${named(first)} and wants more`);
});

test('ssh2 alone signs with SHA-1 where the server does not tell what it takes', async () => {
  const { port, seen } = await start((context) => context.accept(), { withoutExtInfo: true });
  const authHandler = [{ type: 'publickey' as const, username: 'root', key: rsa.pem }];
  const login = await dial(port, { authHandler, hostVerifier: strictVerifier(() => true) });
  await login.end();
  expect(seen).toEqual(['publickey ssh-rsa', 'publickey ssh-rsa signed']);
});

test.each([true, false])('RSA signs with SHA-2 (server without ext-info: %s)', async (withoutExtInfo) => {
  const sha512Only = (context: AuthContext) => {
    if (context.method === 'publickey' && context.hashAlgo === 'sha512') context.accept();
    else context.reject(['publickey']);
  };
  const { port, seen } = await start(sha512Only, { withoutExtInfo });
  const { error } = await logIn(port, { identities: [rsa.path] });
  expect(error).toBe(undefined);
  expect(seen).toEqual([
    'publickey ssh-rsa sha256',
    'publickey ssh-rsa sha512',
    'publickey ssh-rsa sha512 signed',
  ]);
});

test('RSA refused counts as one attempt and never falls back to SHA-1', async () => {
  const { port, seen } = await start(refuse('publickey'), { withoutExtInfo: true });
  const { attempts } = await logIn(port, { identities: [rsa.path] });
  expect(seen).toEqual(['publickey ssh-rsa sha256', 'publickey ssh-rsa sha512']);
  expect(attempts).toEqual([named(rsa)]);
});

test('a password that has expired is told by name: the request of RFC 4252', async () => {
  const { port } = await start((context) => {
    if (context.method !== 'password') return context.reject(['password']);
    context.requestChange('Your password has expired.\x1b[31m', () => undefined);
  });
  const { error } = await logIn(port, { password: 'secret' }, 'alice');
  expect(error).toMatchObject({ code: 'auth.passwordExpired', retryable: false });
  expect(error?.message).toContain('"Your password has expired. [31m"');
});

test('a server that hangs up in the middle has refused the attempt it was in', async () => {
  const { port } = await start((context) => {
    if (context.method === 'password') server?.connections.at(-1)?.end();
    else context.reject(['password']);
  });
  const { error } = await logIn(port, { password: 'secret' });
  expect(error?.code).toBe('auth.refused');
  expect(error?.message).toContain('after trying password');
});

test('no error carries a secret', async () => {
  const { port } = await start(refuse('password', 'keyboard-interactive'));
  const { error } = await logIn(port, { password: 'hunter2', passphrase: 'hunter3' });
  expect(
    `${error?.message}${error?.stack}${JSON.stringify(error)}${JSON.stringify(error?.cause)}`,
  ).not.toContain('hunter');
});

test('while a person is asked for a code, others may send the password that is on its way', async () => {
  const { port } = await start((context) => {
    if (context.method !== 'keyboard-interactive') return context.reject(['keyboard-interactive']);
    context.prompt([{ prompt: 'Password: ', echo: false }], () => {
      context.prompt([{ prompt: 'Code: ', echo: false }], () => context.accept());
    });
  });
  const told: string[] = [];
  const gate = async () => ({
    letGo: () => void told.push('let go'),
    settle: (verdict: string) => void told.push(verdict),
  });
  const ask = async () => {
    told.push('asked');
    return ['123456'];
  };
  expect((await logIn(port, { password: 'secret', ask }, 'alice', gate)).error).toBeUndefined();
  expect(told.slice(0, 2)).toEqual(['let go', 'asked']);
});
