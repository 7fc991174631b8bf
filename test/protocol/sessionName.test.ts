import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatSessionName, isSessionId, parseSessionName } from '../../src/protocol/sessionName.js';
import { sessionName } from './arbitraries.js';
import { everyFixture, fixture } from './fixtures.js';

const nameOf = (text: string) => {
  const parsed = parseSessionName(text);
  return parsed.ok ? parsed.name : parsed.reason;
};

const alice = { user: 'alice', depth: 24 };

test.each([
  [
    'alice-57-1795371806_stRxterm_dp24',
    { ...alice, display: 57, startedAt: 1795371806, kind: 'application', command: 'xterm' },
  ],
  [
    'alice-82-1795372316_stDopenbox-session_dp24',
    { ...alice, display: 82, startedAt: 1795372316, kind: 'desktop', command: 'openbox-session' },
  ],
  [
    'alice-85-1795372399_stRPUBLISHED_dp24',
    { ...alice, display: 85, startedAt: 1795372399, kind: 'published', command: 'PUBLISHED' },
  ],
  [
    'alice-85-1795372399_stPPUBLISHED_dp24',
    { ...alice, display: 85, startedAt: 1795372399, kind: 'published', command: 'PUBLISHED' },
  ],
  [
    'alice-91-1795372668_stRxtermidabPPc__dp24',
    { ...alice, display: 91, startedAt: 1795372668, kind: 'application', command: 'xtermidabPPc_' },
  ],
  [
    'alice-84-1795372389_stS0XSHADaliceXSHADPP82_dp24',
    {
      ...alice,
      display: 84,
      startedAt: 1795372389,
      kind: 'shadow',
      command: '0XSHADaliceXSHADPP82',
      shadow: { mode: 'view', user: 'alice', display: 82 },
    },
  ],
  [
    'alice-61-1795372700_stS1XSHADbobXSHADPP50_dp24',
    {
      ...alice,
      display: 61,
      startedAt: 1795372700,
      kind: 'shadow',
      command: '1XSHADbobXSHADPP50',
      shadow: { mode: 'full', user: 'bob', display: 50 },
    },
  ],
  [
    'anna-maria_x.y@corp.example-1050-179537180612_stKxfce_dp32_dp16',
    {
      user: 'anna-maria_x.y@corp.example',
      display: 1050,
      startedAt: 179537180612,
      kind: 'kdrive',
      command: 'xfce_dp32',
      depth: 16,
    },
  ],
  [
    'a-50-60-1795371806_stDXDMCP_dp8_login_host.example',
    {
      user: 'a-50',
      display: 60,
      startedAt: 1795371806,
      kind: 'desktop',
      command: 'XDMCP',
      depth: 8,
      xdmcpHost: 'login_host.example',
    },
  ],
  [
    'alice-50-1795371132_stR-50-1795371132_stD_dp24',
    { ...alice, display: 50, startedAt: 1795371132, kind: 'application', command: '-50-1795371132_stD' },
  ],
  [
    'x-50-179537180_stR_dp24',
    { user: 'x', display: 50, startedAt: 179537180, kind: 'application', command: '', depth: 24 },
  ],
])('%s is read from both ends', (session, parts) => {
  expect(nameOf(session)).toStrictEqual({ session, ...parts });
});

test.each([
  ['', 'not a session name'],
  ['nosuch', 'not a session name'],
  ['alice-57-1795371806_stRxterm_dp24\n', 'not a session name'],
  [' alice-57-1795371806_stRxterm_dp24', 'not a session name'],
  ['x/alice-57-1795371806_stRxterm_dp24', 'not a session name'],
  ['alice-57-1795371806_stRxterm_dp24;id', 'not a session name'],
  ['alice-57-1795371806_stR../../x_dp24', 'not a session name'],
  ['-rf-57-1795371806_stRxterm_dp24', 'not a session name'],
  ['alice-5-1795371806_stRxterm_dp24', 'not a session name'],
  ['alice-57123-1795371806_stRxterm_dp24', 'not a session name'],
  ['alice-57-17953718_stRxterm_dp24', 'not a session name'],
  ['alice-57-1795371806123_stRxterm_dp24', 'not a session name'],
  ['alice-57-1795371806_stRxterm_dp', 'not a session name'],
  ['alice-57-1795371806_stRxterm_dp24host', 'not a session name'],
  ['alice-57-1795371806_stRxterm_dp24_', 'not a session name'],
  ['alice-57-1795371806_strxterm_dp24', 'not a session name'],
  ['alice-90-1795372652_stRxtermidabPPc@d__dp24', 'not a session name'],
  ['alice-57-1795371806_stXxterm_dp24', 'session name has the unknown type X'],
  ['alice-57-1795371806_stSxterm_dp24', 'session name does not say what it shadows'],
  ['alice-57-1795371806_stS2XSHADbobXSHADPP50_dp24', 'session name does not say what it shadows'],
  ['alice-57-1795371806_stS1XSHADXSHADPP50_dp24', 'session name does not say what it shadows'],
  ['alice-57-1795371806_stS1XSHADbobXSHADPP59536_dp24', 'session name does not say what it shadows'],
  ['alice-57-1795371806_stS1XSHADbobXSHADPP000050_dp24', 'session name does not say what it shadows'],
])('%j is refused', (text, reason) => {
  expect(nameOf(text)).toBe(reason);
  expect(isSessionId(text)).toBe(false);
});

test('a name may have 200 characters and no more', () => {
  const name = (length: number) => `alice-57-1795371806_stR${'x'.repeat(length - 28)}_dp24`;
  expect(name(200)).toHaveLength(200);
  expect(isSessionId(name(200))).toBe(true);
  expect(nameOf(name(201))).toBe('session name is longer than 200 characters');
});

test('every session name a server printed at a start is read and written back as it was', () => {
  const starts = everyFixture().filter(([name]) => /^x2gostartagent-[a-z0-9-]+\.txt$/.test(name));
  const names = starts.flatMap(([, text]) => text.split('\n').filter((line) => /^alice-[^ ]+$/.test(line)));
  expect(names).toHaveLength(6);
  for (const session of names) {
    const parsed = parseSessionName(session);
    expect(parsed).toMatchObject({ ok: true, name: { session, user: 'alice', depth: 24 } });
    if (parsed.ok) expect(formatSessionName(parsed.name)).toBe(session);
  }
});

test('the name the server itself could not store is not one', () => {
  const refused =
    fixture('x2gostartagent-metachar.stderr.txt').match(/alice-[0-9]+-[0-9]+_st\S+?_dp24/g) ?? [];
  expect(refused).toHaveLength(11);
  for (const text of refused) expect(isSessionId(text)).toBe(false);
});

test('what is written is read back', () => {
  fc.assert(
    fc.property(sessionName, (name) => {
      expect(parseSessionName(formatSessionName(name))).toStrictEqual({ ok: true, name });
    }),
    { numRuns: 2_000 },
  );
});
