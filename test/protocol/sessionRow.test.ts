import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { SessionRecord } from '../../machines/vocabulary.js';
import { formatSessionRow, parseSessionRow, parseSessionRows } from '../../src/protocol/sessionRow.js';
import { cookie, sessionRecord } from './arbitraries.js';
import { everyFixture, fixture } from './fixtures.js';

const common = { user: 'alice', server: 'vm', status: 'R', client: '127.0.0.1' } as const;
const xterm: SessionRecord = {
  ...common,
  session: 'alice-57-1795371806_stRxterm_dp24',
  kind: 'application',
  command: 'xterm',
  display: 57,
  createdAt: '2026-11-22T18:23:26',
  changedAt: '2026-11-22T18:23:28',
  ageSeconds: 58,
  agentPid: 22847,
  ports: { graphics: 59918, sound: 59919, files: 59920 },
};
const desktop: SessionRecord = {
  ...common,
  session: 'alice-82-1795372316_stDopenbox-session_dp24',
  kind: 'desktop',
  command: 'openbox-session',
  display: 82,
  createdAt: '2026-11-22T18:31:57',
  changedAt: '2026-11-22T18:32:00',
  ageSeconds: 9,
  agentPid: 22998,
  ports: { graphics: 40515, sound: 40516, files: 40517 },
};
const stale: SessionRecord = {
  ...common,
  session: 'alice-96-1795372824_stRxterm_dp24',
  kind: 'application',
  command: 'xterm',
  display: 96,
  createdAt: '2026-11-22T18:40:25',
  changedAt: '2026-11-22T18:40:27',
  ageSeconds: 9,
  agentPid: 8313,
  ports: { graphics: 54049, sound: 54050, files: 54051 },
};
const publishedApplications: SessionRecord = {
  ...common,
  session: 'alice-85-1795372399_stRPUBLISHED_dp24',
  kind: 'published',
  command: 'PUBLISHED',
  display: 85,
  createdAt: '2026-11-22T18:33:19',
  changedAt: '2026-11-22T18:33:22',
  ageSeconds: 8,
  agentPid: 27900,
  ports: { graphics: 54589, sound: 54590, files: 54591 },
};
const started: SessionRecord = {
  ...common,
  session: 'alice-104-1795373608_stRxterm_dp24',
  kind: 'application',
  command: 'xterm',
  display: 104,
  createdAt: '2026-11-22T18:53:29',
  changedAt: '2026-11-22T18:53:31',
  ageSeconds: 3,
  agentPid: 2426,
  ports: { graphics: 41659, sound: 41660, files: 41661 },
};
const abandoned: SessionRecord = {
  ...common,
  session: 'alice-50-1795371132_stRxterm_dp24',
  kind: 'application',
  command: 'xterm',
  display: 50,
  status: 'S',
  createdAt: '2026-11-22T18:12:12',
  changedAt: '2026-11-22T18:13:03',
  ageSeconds: 465,
  agentPid: 5748,
  ports: { graphics: 33140, sound: 33141, files: 33142 },
};
const ownShadow: SessionRecord = {
  ...common,
  session: 'alice-84-1795372389_stS0XSHADaliceXSHADPP82_dp24',
  kind: 'shadow',
  command: '0XSHADaliceXSHADPP82',
  display: 84,
  createdAt: '2026-11-22T18:33:10',
  changedAt: '2026-11-22T18:33:12',
  ageSeconds: 5,
  agentPid: 27133,
  ports: { graphics: 58857, sound: 58858, files: 58859 },
};
const resumed = '2026-11-22T18:26:36';

const captured: Record<string, SessionRecord[]> = {
  'x2golistsessions-agent-aborted-stale.txt': [{ ...desktop, ageSeconds: 517 }, stale],
  'x2golistsessions-all-servers.txt': [],
  'x2golistsessions-finished-later.txt': [],
  'x2golistsessions-finished.txt': [],
  'x2golistsessions-other-server.txt': [],
  'x2golistsessions-published.txt': [{ ...desktop, ageSeconds: 90 }, publishedApplications],
  'x2golistsessions-resumed-noproxy.txt': [{ ...xterm, changedAt: resumed, ageSeconds: 191 }],
  'x2golistsessions-running-desktop.txt': [desktop],
  'x2golistsessions-running-rootless-resumed.txt': [{ ...xterm, changedAt: resumed, ageSeconds: 199 }],
  'x2golistsessions-running-rootless.txt': [xterm],
  'x2golistsessions-started-noproxy.txt': [{ ...xterm, ageSeconds: 3 }],
  'x2golistsessions-suspended-abrupt.txt': [abandoned],
  'x2golistsessions-suspended.txt': [
    { ...xterm, status: 'S', changedAt: '2026-11-22T18:24:27', ageSeconds: 61 },
  ],
  'x2golistsessions-two-one-finished.txt': [{ ...desktop, ageSeconds: 22 }],
  'x2golistsessions-two.txt': [{ ...desktop, ageSeconds: 1295 }, started],
  'x2golistsessions-with-own-shadow.txt': [{ ...desktop, ageSeconds: 78 }],
  'x2golistshadowsessions-empty.txt': [],
  'x2golistshadowsessions-own.txt': [ownShadow],
};

test.each(Object.entries(captured))('%s is read', (name, sessions) => {
  expect(parseSessionRows(fixture(name))).toStrictEqual({ sessions, skipped: [] });
});

test('no captured listing is left out, and each row is written back as it was', () => {
  const listings = everyFixture().filter(([name]) => /^x2golist(?:shadow)?sessions-/.test(name));
  expect(listings.map(([name]) => name).sort()).toEqual(Object.keys(captured).sort());
  const rows = listings.flatMap(([, text]) => text.split('\n').filter((line) => line !== ''));
  expect(rows).toHaveLength(16);
  for (const line of rows) {
    const row = parseSessionRow(line);
    expect(row.ok && formatSessionRow(row.session, row.cookie)).toBe(line);
  }
});

test('the noise of a login shell is skipped, the row in it is kept', () => {
  expect(parseSessionRows(fixture('framing-noisy-bashrc.txt'))).toStrictEqual({
    sessions: [{ ...desktop, ageSeconds: 1289 }],
    skipped: [
      'NOISE from bashrc',
      'X2GODATABEGIN:0f8fad5b-d9cb-469f-a165-70867728950e',
      'X2GODATAEND:0f8fad5b-d9cb-469f-a165-70867728950e',
    ].map((line) => ({ reason: 'expected 14 fields, got 1', line })),
  });
});

const secret = 'a52181b250839b65ba76b500ab92c68c';
const fields = fixture('x2golistsessions-running-rootless.txt').trimEnd().split('|');
const rowWith = (changes: Record<number, string>) =>
  fields.map((field, at) => changes[at] ?? field).join('|');
const resultOf = (line: string) => {
  const row = parseSessionRow(line);
  return row.ok ? row.session : row.reason;
};

test('the cookie is beside the record, not in it', () => {
  expect(parseSessionRow(rowWith({}))).toStrictEqual({ ok: true, session: xterm, cookie: secret });
});

test('a row that repeats its cookie where it would be shown is refused', () => {
  expect(resultOf(rowWith({ 3: secret }))).toBe('cookie is repeated elsewhere');
  expect(resultOf(rowWith({ 1: `alice-57-1795371806_stR${secret}_dp24` }))).toBe(
    'cookie is repeated elsewhere',
  );
});

test('an agent that is being started has no pid, no cookie, no client and no ports', () => {
  // Captured while x2gostartagent was running; the user's name was changed.
  const line =
    '|alice-50-1795381278_stRxterm_dp24|50|vm|R|2026-11-22T21:01:19|||||2026-11-22T21:01:19|alice|1|||';
  const session = {
    session: 'alice-50-1795381278_stRxterm_dp24',
    kind: 'application',
    user: 'alice',
    command: 'xterm',
    display: 50,
    server: 'vm',
    status: 'R',
    client: '',
    createdAt: '2026-11-22T21:01:19',
    changedAt: '2026-11-22T21:01:19',
    ageSeconds: 1,
  } as const;
  expect(parseSessionRow(line)).toStrictEqual({ ok: true, session, cookie: '' });
  expect(formatSessionRow(session, '')).toBe(line);
});

test('an agent that was started has a cookie and a client', () => {
  expect(resultOf(rowWith({ 6: '' }))).toBe('cookie or client address is missing');
  expect(resultOf(rowWith({ 7: '' }))).toBe('cookie or client address is missing');
});

test('columns beyond the known ones are no obstacle, and the last known ones may be missing', () => {
  expect(resultOf(`${rowWith({})}|new|\0${'|'.repeat(50_000)}`)).toStrictEqual(xterm);
  expect(resultOf(fields.slice(0, 15).join('|'))).toStrictEqual(xterm);
  expect(resultOf(fields.slice(0, 14).join('|'))).toStrictEqual(xterm);
  expect(resultOf(fields.slice(0, 13).join('|'))).toBe('expected 14 fields, got 13');
});

test('a shadow session is listed under who asked for it or under the owner of the desktop, nobody else', () => {
  const shadowBy = (user: string) =>
    rowWith({ 1: 'alice-57-1795371806_stS1XSHADbobXSHADPP50_dp24', 11: user });
  const shadow = {
    ...xterm,
    session: 'alice-57-1795371806_stS1XSHADbobXSHADPP50_dp24',
    kind: 'shadow',
    command: '1XSHADbobXSHADPP50',
  };
  expect(resultOf(shadowBy('alice'))).toStrictEqual(shadow);
  expect(resultOf(shadowBy('bob'))).toStrictEqual({ ...shadow, user: 'bob' });
  expect(resultOf(shadowBy('carol'))).toBe('user differs from the one in the session name');
});

test.each<[field: number, values: string[], reason: string]>([
  [0, ['0', '-1', '01', '12345678901', '1 ', '$(id)', '1e3'], 'agent pid is malformed'],
  [1, ['', 'nosuch', 'alice-57-1795371806_stRxterm_dp24x/..'], 'not a session name'],
  [2, ['', '-1', '59536', '000057', '5.7', '0x39'], 'display is malformed'],
  [2, ['58', '570'], 'display differs from the one in the session name'],
  [3, ['', '-vm', 'v m', 'vm\x1b[31m', 'v'.repeat(254)], 'server is malformed'],
  [4, ['', 'X', 'RR', 'r', 'R\n'], 'status is malformed'],
  [
    5,
    ['', '2026-11-22 18:23:26', '2026-11-22T18:23:26Z', 'x2026-11-22T18:23:26'],
    'creation time is malformed',
  ],
  [6, [secret.slice(1), `${secret}0`, `${secret.slice(1)}g`], 'cookie is malformed'],
  [7, ['1.2.3', '1.2.3.256', 'localhost', ':::', '127.0.0.1;'], 'client address is malformed'],
  [8, ['0', '-1', '1023', '65536', '059918', 'x'], 'graphics port is malformed'],
  [9, ['0', '-1', '1023', '65536'], 'sound port is malformed'],
  [10, ['', '2026-11-22T18:23'], 'time of the last change is malformed'],
  [11, ['', 'bob', 'alic', 'Alice', '__proto__'], 'user differs from the one in the session name'],
  [12, ['', '1.5', '--1', '12345678901', 'NaN'], 'age is malformed'],
  [13, ['0', '-1', '1023', '65536'], 'file-sharing port is malformed'],
  [13, [''], 'some of the ports are missing'],
  [8, [''], 'some of the ports are missing'],
  [14, ['-2', '1', 'x'], 'telekinesis control port is malformed'],
  [15, ['-2', '1', 'x'], 'telekinesis data port is malformed'],
])('field %i is refused when it is one of %j', (field, values, reason) => {
  for (const value of values) expect([value, resultOf(rowWith({ [field]: value }))]).toEqual([value, reason]);
});

test('edge values are accepted', () => {
  expect(resultOf(rowWith({ 12: '-3600' }))).toMatchObject({ ageSeconds: -3600 });
  expect(resultOf(rowWith({ 7: 'fe80::1%eth0' }))).toMatchObject({ client: 'fe80::1%eth0' });
  expect(resultOf(rowWith({ 8: '1024', 9: '65535', 14: '0', 15: '30000' }))).toMatchObject({
    ports: { graphics: 1024, sound: 65535, files: 59920 },
  });
  for (const status of ['R', 'S', 'F', 'T'])
    expect(resultOf(rowWith({ 4: status }))).toMatchObject({ status });
});

test('a refused row is shown without control characters, without its cookie and short', () => {
  const line = `\x1b[31m${rowWith({ 0: '\x07' })}|\u202e${'y'.repeat(500)}`;
  const row = parseSessionRow(line);
  expect(row).toStrictEqual({
    ok: false,
    reason: 'agent pid is malformed',
    line: `${`|${fields.slice(1, 6).join('|')}|<hidden>|${fields.slice(7).join('|')}|${'y'.repeat(500)}`.slice(0, 199)}…`,
  });
});

test('half a cookie at the cut, or one broken up by control characters, is hidden as well', () => {
  for (const head of [170, 185, 195, 199]) {
    expect(parseSessionRow(`${'z'.repeat(head)}${secret}`)).not.toMatchObject({
      line: expect.stringContaining(secret.slice(0, 1)),
    });
  }
  const broken = parseSessionRow(secret.replaceAll('2', '\0\x9f\u200e2'));
  expect(broken).toMatchObject({ ok: false, line: '<hidden>' });
});

test('a session listed twice is kept once, the second row is skipped', () => {
  const rows = parseSessionRows(
    `${rowWith({})}\n\n${rowWith({ 4: 'S' })}\n${rowWith({ 1: 'alice-57-1795371807_stRxterm_dp24' })}`,
  );
  expect(rows.sessions).toStrictEqual([xterm, { ...xterm, session: 'alice-57-1795371807_stRxterm_dp24' }]);
  expect(rows.skipped).toStrictEqual([
    { reason: 'session was already listed', line: rowWith({ 4: 'S', 6: '<hidden>' }) },
  ]);
});

test('empty lines are not rows', () => {
  expect(parseSessionRows('')).toStrictEqual({ sessions: [], skipped: [] });
  expect(parseSessionRows('\n\n\n')).toStrictEqual({ sessions: [], skipped: [] });
});

test('a shadow row has 14 fields, any other 16, with the telekinesis ports last', () => {
  expect(formatSessionRow(ownShadow, 'd60986217064e200988a76b709863734')).toBe(
    fixture('x2golistshadowsessions-own.txt').trimEnd(),
  );
  expect(formatSessionRow(xterm, secret, { telekinesis: [30001, 30002] })).toBe(
    rowWith({ 14: '30001', 15: '30002' }),
  );
});

test('what is written is read back', () => {
  fc.assert(
    fc.property(sessionRecord, cookie, (session, cookie) => {
      const line = formatSessionRow(session, cookie);
      expect(line.split('|')).toHaveLength(session.kind === 'shadow' ? 14 : 16);
      expect(parseSessionRow(line)).toStrictEqual({ ok: true, session, cookie });
    }),
    { numRuns: 2_000 },
  );
});
