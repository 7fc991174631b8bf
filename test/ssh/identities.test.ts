import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { afterAll, expect, test } from 'vitest';
import type { AskRequest } from '../../src/ssh/credentials.js';
import { readIdentities } from '../../src/ssh/identities.js';
import { type KeyKind, openWorkshop } from './support/keys.js';

const workshop = openWorkshop();
afterAll(() => workshop.close());
const ed25519 = workshop.makeKey('ed25519');
const locked = workshop.makeKey('ed25519', 'sesame');
const kinds: KeyKind[] = ['ed25519', 'ecdsa', 'rsa'];

const formats: [string, KeyKind, string, string[]][] = [
  ...kinds.flatMap((kind): [string, KeyKind, string, string[]][] => [
    ['OpenSSH', kind, '', []],
    ['OpenSSH', kind, 'sesame', ['-a', '4']],
    ['OpenSSH with GCM', kind, 'sesame', ['-a', '4', '-Z', 'aes256-gcm@openssh.com']],
  ]),
  ...(['ecdsa', 'rsa'] as const).flatMap((kind): [string, KeyKind, string, string[]][] => [
    ['PEM', kind, '', ['-m', 'PEM']],
    ['PEM', kind, 'sesame', ['-m', 'PEM']],
    ['PKCS8', kind, '', ['-m', 'PKCS8']],
    ['PKCS8', kind, 'sesame', ['-m', 'PKCS8']],
  ]),
];

test.each(formats)('%s: a key of type %s, passphrase %j', async (_, kind, passphrase, options) => {
  const key = workshop.makeKey(kind, passphrase, ...options);
  const [identity] = await readIdentities({ identities: [key.path], ...(passphrase && { passphrase }) });
  expect(identity?.label).toBe(key.path);
  expect(identity?.key.getPublicSSH()).toEqual(key.blob);
  if (passphrase === '') return;
  for (const wrong of [{}, { passphrase: '' }, { passphrase: 'wrong' }, { passphrase: 'sesame ' }]) {
    await expect(readIdentities({ identities: [key.path], ...wrong })).rejects.toMatchObject({
      code: 'auth.identity',
      message: expect.stringContaining(key.path),
    });
    expect(await readIdentities({ defaultIdentities: [key.path], ...wrong })).toEqual([]);
  }
});

const broken: [string, () => string, string][] = [
  ['is not there', () => workshop.path('nowhere'), 'ENOENT'],
  ['is a directory', () => workshop.dir, 'EISDIR'],
  ['is empty', () => write(''), 'no private key'],
  ['is something else', () => write('hello'), 'no private key'],
  ['is a public key', () => `${ed25519.path}.pub`, 'public key: name the private one'],
  ['is torn', () => write(ed25519.pem.slice(0, -100)), 'no private key'],
  ['is garbled', () => write(ed25519.pem.replace(/AAAA/, 'AAAB')), 'no private key'],
  ['is encrypted', () => locked.path, 'encrypted'],
];
let count = 0;
function write(text: string): string {
  const path = workshop.path(`broken${++count}`);
  writeFileSync(path, text);
  return path;
}

test.each(broken)('a named key that %s is an error with its name', async (_, make, why) => {
  const path = make();
  const failure = readIdentities({ identities: [ed25519.path, path] });
  await expect(failure).rejects.toMatchObject({ code: 'auth.identity', retryable: false });
  await expect(failure).rejects.toThrow(path);
  await expect(failure).rejects.toThrow(why);
});

test.each(broken)('a default key that %s is passed over', async (_, make) => {
  const found = await readIdentities({ defaultIdentities: [make(), ed25519.path] });
  expect(found.map(({ label }) => label)).toEqual([ed25519.path]);
});

test('a DSA key is refused', async () => {
  const path = workshop.path('dsa');
  execFileSync('ssh-keygen', ['-q', '-t', 'dsa', '-N', '', '-f', path]);
  await expect(readIdentities({ identities: [path] })).rejects.toThrow('DSA');
});

test('keys come by contents too, with a name if they have one', async () => {
  const other = workshop.makeKey('ecdsa');
  const found = await readIdentities({
    identities: [{ privateKey: locked.pem, passphrase: 'sesame', label: 'mine' }],
    privateKey: Buffer.from(other.pem),
  });
  expect(found.map(({ label }) => label)).toEqual(['mine', 'the given private key']);
  await expect(readIdentities({ privateKey: 'nonsense' })).rejects.toThrow('the given private key');
});

test('each key is offered once, under the name that was given first', async () => {
  const copy = workshop.path('copy');
  copyFileSync(ed25519.path, copy);
  const found = await readIdentities({ identities: [copy], defaultIdentities: [copy, ed25519.path] });
  expect(found.map(({ label }) => label)).toEqual([copy]);
});

test('a person is asked for a passphrase once', async () => {
  const requests: AskRequest[] = [];
  const ask = (answer: readonly string[]) => async (request: AskRequest) => {
    requests.push(request);
    return answer;
  };
  const [identity] = await readIdentities({ identities: [locked.path], ask: ask(['sesame']) });
  expect(identity?.key.getPublicSSH()).toEqual(locked.blob);
  expect(requests).toEqual([
    {
      kind: 'passphrase',
      title: `Passphrase for ${locked.path}`,
      instruction: '',
      prompts: [{ text: 'Passphrase: ', echo: false }],
    },
  ]);
  await expect(readIdentities({ identities: [locked.path], ask: ask(['wrong']) })).rejects.toThrow(
    'does not open it',
  );
  expect(requests).toHaveLength(2);
  await expect(readIdentities({ identities: [locked.path], ask: ask([]) })).rejects.toThrow(
    'no passphrase was given',
  );
  const failing = () => Promise.reject(new Error('closed'));
  await expect(readIdentities({ identities: [locked.path], ask: failing })).rejects.toThrow(
    'no passphrase was given',
  );
  expect(await readIdentities({ defaultIdentities: [locked.path], ask: ask(['sesame']) })).toEqual([]);
  expect(requests).toHaveLength(3);
});

test('what goes wrong does not carry a secret', async () => {
  mkdirSync(workshop.path('d'));
  for (const one of [locked.path, workshop.path('d')]) {
    const error = await readIdentities({ identities: [one], passphrase: 'hunter2' }).catch((cause) => cause);
    expect(
      JSON.stringify({ ...error, cause: { ...error.cause } }) + error.stack + error.message,
    ).not.toContain('hunter2');
  }
});
