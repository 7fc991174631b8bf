import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatDesktop, parseDesktops } from '../../src/protocol/desktops.js';
import { parseFeatures } from '../../src/protocol/features.js';
import { formatMount, parseMounts } from '../../src/protocol/mounts.js';
import { parseVersions } from '../../src/protocol/versions.js';
import { record } from './arbitraries.js';
import { fixture } from './fixtures.js';

const session = 'alice-82-1795372316_stDopenbox-session_dp24';

test.each([
  ['x2golistdesktops-default.txt', [77, 50]],
  ['x2golistdesktops-one.txt', [77, 57]],
  ['x2golistdesktops-two.txt', [78, 77, 82]],
])('%s is read', (name, displays) => {
  const desktops = displays.map((display) => ({ user: 'alice', display }));
  expect(parseDesktops(fixture(name))).toStrictEqual({ desktops, skipped: [] });
  expect(desktops.map((desktop) => `${formatDesktop(desktop)}\n`).join('')).toBe(fixture(name));
});

test('a malformed desktop is skipped and the others stay', () => {
  expect(
    parseDesktops('alice@:59535\nalice@:59536\nalice:77\nx alice@:77\nal|ce@:1\nalice@:77 \nb.o_b-2@:0'),
  ).toStrictEqual({
    desktops: [
      { user: 'alice', display: 59535 },
      { user: 'b.o_b-2', display: 0 },
    ],
    skipped: [
      { reason: 'display is out of range', line: 'alice@:59536' },
      ...['alice:77', 'x alice@:77', 'al|ce@:1', 'alice@:77 '].map((line) => ({
        reason: 'expected user@:display',
        line,
      })),
    ],
  });
});

const mount = (mountpoint: string) => ({ session, client: '127.0.0.1', mountpoint });
const media = '/tmp/.x2go-alice/media/disk';

test.each([
  ['x2golistmounts-empty.txt', []],
  ['x2golistmounts-error-noarg.txt', []],
  ['x2golistmounts-one.txt', [mount(`${media}/_tmp_protoshare`)]],
  [
    'x2golistmounts-several.txt',
    [mount(`${media}/_tmp_protoshare`), mount(`${media}/_tmp_proto_share_ü`), mount(`${media}/_var_log`)],
  ],
])('%s is read', (name, mounts) => {
  expect(parseMounts(session, fixture(name))).toStrictEqual({ mounts, skipped: [] });
  expect(mounts.map(formatMount)).toStrictEqual(
    fixture(name)
      .split('\n')
      .filter((line) => line !== ''),
  );
});

test('perl dying in a listing of mounts is a skipped row, not a mount', () => {
  expect(parseMounts(session, fixture('x2golistmounts-error-noarg.stderr.txt'))).toStrictEqual({
    mounts: [],
    skipped: [
      {
        reason: 'expected client|/mountpoint',
        line: 'no valid session name that we can use at /usr/bin/x2golistmounts line 31.',
      },
    ],
  });
});

test('a malformed mount is skipped, a | in a path is part of the path', () => {
  expect(parseMounts(session, '|/a\n127.0.0.1|a\n127.0.0.1|/\nx 127.0.0.1 /a\n127.0.0.1|/a|b')).toStrictEqual(
    {
      mounts: [mount('/a|b')],
      skipped: ['|/a', '127.0.0.1|a', '127.0.0.1|/', 'x 127.0.0.1 /a'].map((line) => ({
        reason: 'expected client|/mountpoint',
        line,
      })),
    },
  );
});

test('the features of a full Debian server are read', () => {
  expect(parseFeatures(fixture('x2gofeaturelist.txt'))).toStrictEqual({
    features: [
      'X2GO_RUN_EXTENSIONS',
      'X2GO_FMBINDINGS',
      'X2GO_PRINTING',
      'X2GOAGENT_RANDRXINERAMA',
      'X2GO_XSESSION',
      'X2GO_LIST_DESKTOPS',
      'X2GO_MOUNTDIRS',
      'X2GO_UMOUNTSESSION_ALL',
      'X2GO_UMOUNTSESSION_ONLYPATH',
      'X2GO_PUBLISHED_APPLICATIONS',
      'X2GO_SERVERSIDE_DESKTOPCOMMANDS',
      'X2GO_SET_KEYBOARD',
      'X2GO_LIST_SHADOWSESSIONS',
      'X2GO_MOUNT_UNCPATHS',
      'X2GO_CLIPBOARD_MODES',
    ],
    skipped: [],
  });
});

test('what is no feature is skipped', () => {
  const long = 'X'.repeat(64);
  expect(parseFeatures(`${long}\n${long}X\n__proto__\nX2GO A\nX2GO_A\r\nx2go_a`)).toStrictEqual({
    features: [long],
    skipped: [`${long}X`, '__proto__', 'X2GO A', 'X2GO_A', 'x2go_a'].map((line) => ({
      reason: 'not a feature name',
      line,
    })),
  });
  expect(parseFeatures(fixture('x2gofeature-error-noarg.txt')).features).toEqual([]);
  expect(parseFeatures(fixture('x2gofeature-error-unknown.txt')).features).toEqual([]);
});

test('the versions of a full Debian server are read', () => {
  const { versions, skipped } = parseVersions(fixture('x2goversion.txt'));
  expect(skipped).toEqual([]);
  expect({ ...versions }).toStrictEqual({
    x2goserver: '4.1.0.3',
    'x2goserver-common': '4.1.0.3',
    'x2goserver-extensions': '4.1.0.3',
    'x2goserver-fmbindings': '4.1.0.3',
    'x2goserver-printing': '4.1.0.3',
    'x2goserver-x2goagent': '3.5.99.26',
    'x2goserver-xsession': '4.1.0.3',
  });
});

test('a version alone and an error message name no component', () => {
  const skippedAs = (line: string) => [{ reason: 'expected component: version', line }];
  expect(parseVersions(fixture('x2goversion-x2goserver.txt')).skipped).toEqual(skippedAs('4.1.0.3'));
  expect(parseVersions(fixture('x2goversion-error-unknown.txt')).skipped).toEqual(
    skippedAs("Version information for X2Go component 'nosuch' is not available."),
  );
});

test('no name of a component reaches a prototype', () => {
  const { versions, skipped } = parseVersions(
    '__proto__: 1\nconstructor: 2\nx: 1 \ny: v1\nX2go: 1\nconstructor: 3\nx2go: 4.1~rc1+b-2',
  );
  expect(Object.getPrototypeOf(versions)).toBe(null);
  expect(Object.entries(versions)).toEqual([
    ['constructor', '2'],
    ['x2go', '4.1~rc1+b-2'],
  ]);
  expect(versions.hasOwnProperty).toBe(undefined);
  expect(skipped).toEqual([
    { reason: 'expected component: version', line: '__proto__: 1' },
    { reason: 'expected component: version', line: 'x: 1 ' },
    { reason: 'expected component: version', line: 'y: v1' },
    { reason: 'expected component: version', line: 'X2go: 1' },
    { reason: 'component was already listed', line: 'constructor: 3' },
  ]);
});

test('desktops and mounts that are written are read back', () => {
  const word = (alphabet: string) =>
    fc.string({ unit: fc.constantFrom(...alphabet), minLength: 1, maxLength: 20 });
  const desktop = record({ user: word('abcXYZ019._-'), display: fc.integer({ min: 0, max: 59_535 }) });
  const anyMount = record({
    session: fc.constant(session),
    client: word('abc.:%019-ü '),
    mountpoint: word('abc/|_ .-ü"\'$\t').map((path) => `/${path}`),
  });
  fc.assert(
    fc.property(fc.array(desktop), fc.array(anyMount), (desktops, mounts) => {
      expect(parseDesktops(desktops.map(formatDesktop).join('\n'))).toStrictEqual({ desktops, skipped: [] });
      expect(parseMounts(session, mounts.map(formatMount).join('\n'))).toStrictEqual({ mounts, skipped: [] });
    }),
    { numRuns: 1_000 },
  );
});
