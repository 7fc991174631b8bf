import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Answered } from '../../src/profiles/brokerAnswer.js';
import { readJsonHeader, readJsonProfiles, readJsonSelection } from '../../src/profiles/brokerJson.js';
import { readHeader, readPlainProfiles, readPlainSelection } from '../../src/profiles/brokerPlain.js';

const pem = String(
  generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs1', format: 'pem' }),
);
const granted = (body: string) => `AUTHID:8e1d2027-4340-4797-9f62-b7e75c6ca0bf\nAccess granted\n${body}`;
const listing = (body: string) => granted(`START_USER_SESSIONS\n\n${body}\nEND_USER_SESSIONS\n`);
const json = (fields: object) => JSON.stringify({ 'auth-status': 'Access granted', ...fields });
const readable = <Value>(answered: Answered<Value>): Value => {
  if (!answered.ok) throw new Error(answered.reason);
  return answered.value;
};
const readers = {
  readHeader,
  readPlainProfiles,
  readPlainSelection,
  readJsonHeader,
  readJsonProfiles,
  readJsonSelection,
};

describe('profiles', () => {
  test('are sections of settings', () => {
    const answered = readPlainProfiles(
      listing('[office]\nname=Office, 1st = best\nhost=h\nexport=\n\n[two]\nname="with \\"quotes\\""\n'),
    );
    const { profiles } = readable(answered);
    expect(profiles.map(({ id, name }) => [id, name])).toEqual([
      ['office', 'Office, 1st = best'],
      ['two', 'with "quotes"'],
    ]);
    expect(profiles[0]?.settings.get('export')).toBe('');
    expect(answered).toMatchObject({ nextAuthId: '8e1d2027-4340-4797-9f62-b7e75c6ca0bf' });
  });

  test('of a broker of old have their lines ended for a browser', () => {
    const text = 'Access granted<br>\nSTART_USER_SESSIONS<br>[a]<br />host=h<br>END_USER_SESSIONS<br>';
    expect(readable(readPlainProfiles(text)).profiles).toMatchObject([{ id: 'a' }]);
  });

  test('in JSON say the same', () => {
    const text = json({
      'next-authid': 'next',
      profiles: { office: { name: 'Office', host: ['a', 'b'], rootless: true, dpi: 96, odd: { deep: 1 } } },
    });
    const [profile] = readable(readJsonProfiles(text)).profiles;
    expect([...(profile?.settings ?? [])]).toEqual([
      ['name', 'Office'],
      ['host', 'a,b'],
      ['rootless', '1'],
      ['dpi', '96'],
    ]);
    expect(readJsonProfiles(text)).toMatchObject({ nextAuthId: 'next' });
  });

  test('that cannot be one are left out, and the others stay', () => {
    const { profiles, skipped } = readable(
      readPlainProfiles(listing('loose\n[good]\nhost=h\n[]\n[good]\nhost=other\n[bad]\nname=a\x1b[2Jb\n')),
    );
    expect(profiles).toMatchObject([{ id: 'good' }]);
    expect(profiles[0]?.settings.get('host')).toBe('h');
    expect(skipped).toHaveLength(4);
  });

  test('named as what every object has are profiles like any other', () => {
    const text =
      '{"auth-status":"Access granted","profiles":{"__proto__":{"host":"h"},"toString":{"host":"i"}}}';
    expect(readable(readJsonProfiles(text)).profiles.map(({ id }) => id)).toEqual(['__proto__', 'toString']);
    expect(({} as Record<string, unknown>).host).toBeUndefined();
  });
});

describe('a selection', () => {
  test.each([
    ['desk', { host: 'desk' }],
    ['desk:2222', { host: 'desk', port: 2222 }],
    ['127.0.0.1:22', { host: '127.0.0.1', port: 22 }],
    ['[::1]:2222', { host: '::1', port: 2222 }],
    ['2001:db8::1', { host: '2001:db8::1' }],
    ['no-server-available:22', { host: undefined }],
    ['no-X2Go-Server-available', { host: undefined }],
  ])('of %s', (server, selection) => {
    expect(readPlainSelection(granted(`SERVER:${server}\n`))).toMatchObject({ ok: true, value: selection });
    expect(readJsonSelection(json({ selected_session: { server } }))).toMatchObject({
      ok: true,
      value: selection,
    });
  });

  test('may bring a key', () => {
    expect(readable(readPlainSelection(granted(`SERVER:desk\n${pem}`)))).toMatchObject({ key: pem });
    const selected = { server: 'desk', port: '2399', key: pem };
    expect(readable(readJsonSelection(json({ selected_session: selected })))).toMatchObject({
      key: pem,
      port: 2399,
    });
    const older = { server: 'desk', authentication_privkey: pem };
    expect(readable(readJsonSelection(json({ selected_session: older })))).toMatchObject({ key: pem });
  });

  test.each([
    ['an option in place of a host', 'SERVER:-oProxyCommand=id'],
    ['a command in place of a host', 'SERVER:$(id)'],
    ['a user in front of the host', 'SERVER:root@desk'],
    ['a port that is none', 'SERVER:desk:99999'],
    ['a port of letters', 'SERVER:desk:22a'],
    ['no server', 'nothing'],
    ['a key without an end', `SERVER:desk\n${pem.slice(0, 500)}`],
    ['a key with something else in it', `SERVER:desk\n${pem.replace('\n', '\n$(id)\n')}`],
    ['a session that is none', 'SERVER:desk\nSESSION_INFO:../../etc|x'],
    ['a NUL', 'SERVER:desk\0'],
  ])('with %s is unusable, and the reason shows nothing of it', (_, body) => {
    const answered = readPlainSelection(granted(`${body}\n`));
    expect(answered).toMatchObject({ ok: false });
    expect(JSON.stringify(answered)).not.toMatch(/id\)|MII|etc|ProxyCommand/);
  });
});

describe('the header', () => {
  test.each([
    ['nothing', ''],
    ['a page of a hotel', '<html><body>Welcome, please log in</body></html>'],
    ['a list without it', 'START_USER_SESSIONS\nEND_USER_SESSIONS'],
    ['an id that would write another field', 'AUTHID:a&user=root\nAccess granted\n'],
    ['a verdict that only looks like it', 'Access granted not\n'],
  ])('%s is none', (_, text) => expect(readHeader(text)).toMatchObject({ ok: false }));

  test('says no in words, too', () => {
    expect(readHeader('Access denied\n')).toMatchObject({ ok: false, isRefusal: true });
    expect(readJsonHeader('{"auth-status":"Access denied"}')).toMatchObject({ ok: false, isRefusal: true });
  });
});

const words = [
  'AUTHID:',
  'Access granted\n',
  'START_USER_SESSIONS\n',
  'END_USER_SESSIONS\n',
  'SERVER:',
  'SESSION_INFO:',
  '-----BEGIN RSA PRIVATE KEY-----\n',
  '-----END RSA PRIVATE KEY-----\n',
  '[a]\n',
  'host=',
  '<br>',
  '|',
  '\0',
  '"',
  '\u202e',
  '\x1b]0;',
  '{"auth-status":"Access granted",',
  '"profiles":{',
  '"selected_session":{"server":',
  '}}',
  '\n',
];
const hostile = fc
  .array(fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...words) }, fc.string({ maxLength: 40 })), {
    maxLength: 30,
  })
  .map((parts) => parts.join(''));

test.each(Object.entries(readers))('%s is total', (_, read) => {
  fc.assert(
    fc.property(hostile, (text) => {
      const answered: Answered<unknown> = read(text);
      expect(typeof answered.ok).toBe('boolean');
      if (answered.ok && answered.nextAuthId !== undefined)
        expect(answered.nextAuthId).toMatch(/^[\w.:=+/-]+$/);
    }),
    { numRuns: 500 },
  );
});

const huge = 1024 * 1024;
test.each([
  ['blanks', ' '.repeat(huge)],
  ['line ends for a browser', `Access granted<br>${'<br>'.repeat(huge / 4)}`],
  ['openings', listing('['.repeat(huge))],
  ['closings', listing(`[${'] '.repeat(huge / 2)}`)],
  ['profiles', listing(Array.from({ length: 100_000 }, (_, n) => `[p${n}]\n`).join(''))],
  ['settings', listing(`[p]\n${Array.from({ length: 100_000 }, (_, n) => `k${n}=\n`).join('')}`)],
  ['quotes', listing(`[p]\nname="${'\\"'.repeat(huge / 2)}`)],
  ['armour', granted(`SERVER:desk\n${'-----BEGIN RSA PRIVATE KEY-----\n'.repeat(30_000)}`)],
  ['brackets of JSON', '['.repeat(huge)],
  ['objects of JSON', '{"a":'.repeat(huge / 5)],
])('a megabyte of %s is read in one go', (_, text) => {
  const startedAt = performance.now();
  for (const read of Object.values(readers)) read(text);
  expect(performance.now() - startedAt).toBeLessThan(20_000);
  const answered = readPlainProfiles(text);
  if (answered.ok) expect(answered.value.profiles.length).toBeLessThanOrEqual(1_000);
});
