import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkConfig } from '../../src/cli/configSchema.js';

const check = (value: unknown) => checkConfig(JSON.stringify(value), (path) => `/etc/${path}`);
const reasonOf = (value: unknown) => {
  const checked = check(value);
  return checked.ok ? 'nothing is wrong' : checked.reason;
};

describe('a configuration', () => {
  test('gives profiles, with paths made whole, and refresh options', () => {
    const profile = {
      id: 'office',
      host: 'h',
      port: 2222,
      user: 'u',
      identity: 'key',
      knownHosts: 'kh',
      hostKey: 'ask',
    };
    expect(check({ profiles: [profile], refreshInterval: 9_000, skipPublishedSessions: true })).toEqual({
      ok: true,
      config: {
        profiles: [{ ...profile, identity: '/etc/key', knownHosts: '/etc/kh' }],
        refresh: { refreshInterval: 9_000, skipPublishedSessions: true },
      },
    });
    expect(check({})).toEqual({ ok: true, config: { profiles: [], refresh: {} } });
  });

  const profile = { id: 'a', host: 'h' };
  test.each([
    [[], 'wanted is an object, found is []'],
    [null, 'wanted is an object, found is null'],
    [{ profiles: {} }, '"profiles" must be a list, not {}'],
    [{ profiles: ['a'] }, 'profiles[0] must be an object, not "a"'],
    [{ profiles: [{ host: 'h' }] }, 'profiles[0] has no "id"'],
    [{ profiles: [{ id: 'a' }] }, 'profiles[0] has no "host"'],
    [{ profiles: [{ ...profile, port: 0 }] }, 'profiles[0].port must be a port from 1 to 65535, not 0'],
    [{ profiles: [{ ...profile, user: '' }] }, 'profiles[0].user must be a text'],
    [{ profiles: [{ ...profile, hostKey: 'no' }] }, '"strict" or "ask" or "accept-new", not "no"'],
    [
      { profiles: [{ ...profile, password: 'x' }] },
      'profiles[0]."password" is not known; known are id, host',
    ],
    [{ profiles: [profile, profile] }, 'two profiles have the id "a"'],
    [{ refreshInterval: '5s' }, 'refreshInterval must be a whole number of milliseconds above 0, not "5s"'],
    [{ autoRegisterSessions: 1 }, 'autoRegisterSessions must be true or false, not 1'],
    [{ refresh: 1 }, '"refresh" is not known; known are profiles, autoUpdateListSessionsCache'],
  ])('%j: %s', (value, reason) => {
    expect(reasonOf(value)).toContain(reason);
  });

  test('that is not JSON says so', () => {
    expect(checkConfig('{', (path) => path)).toMatchObject({
      ok: false,
      reason: expect.stringContaining('not JSON'),
    });
  });

  test('is never thrown at', () => {
    fc.assert(
      fc.property(fc.json(), (json) => {
        expect(checkConfig(json, (path) => path)).toHaveProperty('ok');
      }),
    );
    expect(check({ ['__proto__']: 1, constructor: 2 })).toMatchObject({ ok: false });
  });
});
