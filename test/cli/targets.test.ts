import { describe, expect, test } from 'vitest';
import { chooseProfiles } from '../../src/cli/chosen.js';
import { parseTarget } from '../../src/cli/target.js';

const me = () => 'me';

describe('a target', () => {
  test.each([
    ['server', 'me@server:22', 'server', 22, 'me'],
    ['alice@server', 'alice@server:22', 'server', 22, 'alice'],
    ['alice@server:2222', 'alice@server:2222', 'server', 2_222, 'alice'],
    ['a@b@server', 'a@b@server:22', 'server', 22, 'a@b'],
    ['[::1]:2222', 'me@[::1]:2222', '::1', 2_222, 'me'],
    ['alice@[fe80::1%eth0]', 'alice@[fe80::1%eth0]:22', 'fe80::1%eth0', 22, 'alice'],
    ['::1', 'me@[::1]:22', '::1', 22, 'me'],
    ['alice@::1', 'alice@[::1]:22', '::1', 22, 'alice'],
    ['192.0.2.1:22', 'me@192.0.2.1:22', '192.0.2.1', 22, 'me'],
  ])('%s', (text, id, host, port, user) => {
    expect(parseTarget(text, me)).toEqual({ id, host, port, user });
  });

  test.each([
    '',
    '@',
    '@server',
    'alice@',
    'server:',
    'server:0',
    'server:65536',
    'server:ssh',
    'a b',
    '[::1',
    '[server]:22',
    'user@-oProxy',
    'a/b',
  ])('%j is none', (text) => {
    expect(() => parseTarget(text, me)).toThrow(expect.objectContaining({ code: 'usage.invalid' }));
  });
});

describe('the chosen profiles', () => {
  const config = {
    refresh: {},
    profiles: [
      { id: 'office', host: 'o.example', user: 'alice', hostKey: 'strict' as const },
      { id: 'lab', host: 'l.example' },
    ],
  };
  const idsOf = (targets: readonly string[]) =>
    chooseProfiles(targets, config, me).map(({ profile }) => profile.id);

  test('without a word are all of the configuration', () => {
    expect(chooseProfiles([], config, me)).toEqual([
      { profile: { id: 'office', host: 'o.example', port: 22, user: 'alice' }, hostKey: 'strict' },
      { profile: { id: 'lab', host: 'l.example', port: 22, user: 'me' } },
    ]);
  });
  test('are those named, each once, and places besides', () => {
    expect(idsOf(['lab', 'bob@lab', 'lab'])).toEqual(['lab', 'bob@lab:22']);
    expect(idsOf(['server.example'])).toEqual(['me@server.example:22']);
  });
  test('that nobody knows are told from places', () => {
    expect(() => idsOf(['labor'])).toThrow(expect.objectContaining({ code: 'profile.unknown' }));
    expect(chooseProfiles(['labor'], undefined, me)[0]?.profile.host).toBe('labor');
  });
  test('have to be some', () => {
    expect(() => chooseProfiles([], undefined, me)).toThrow(/No target was given/);
    expect(() => chooseProfiles([], { refresh: {}, profiles: [] }, me)).toThrow(/has no profile/);
  });
});
