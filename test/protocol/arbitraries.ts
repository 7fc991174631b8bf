import fc from 'fast-check';
import type { AgentPorts, SessionRecord } from '../../machines/vocabulary.js';
import { formatSessionName, type SessionName } from '../../src/protocol/sessionName.js';

/** Plain objects, as parsers make them. */
export const record = <T>(model: { [Key in keyof T]: fc.Arbitrary<T[Key]> }) =>
  fc.record<T>(model, { noNullPrototype: true });

const digits = '0123456789';
const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';
const text = (alphabet: string, minLength: number, maxLength: number) =>
  fc.string({ unit: fc.constantFrom(...alphabet), minLength, maxLength });

const user = fc
  .tuple(text(`${letters}${digits}._`, 1, 1), text(`${letters}${digits}._@-`, 0, 20))
  .map((parts) => parts.join(''));

// Parts that look like the separators around them cannot be read back: no user and no server has such.
const readable = (part: string) => !/-[0-9]{2,4}-[0-9]{9,12}_st|(?:^|_)dp[0-9]/.test(part);
const part = (minLength: number) =>
  fc.oneof(text(`${letters}${digits}._-`, minLength, 30), text('_-.0dpst', minLength, 12)).filter(readable);

const shadow = record({
  mode: fc.constantFrom('view' as const, 'full' as const),
  user: part(1).filter((name) => !name.includes('XSHADPP')),
  display: fc.integer({ min: 0, max: 59_535 }),
});

const purpose = fc.oneof(
  record({
    kind: fc.constantFrom('application' as const, 'desktop' as const, 'kdrive' as const),
    command: part(0),
  }),
  record({
    kind: fc.constant('published' as const),
    command: fc.oneof(fc.constant('PUBLISHED'), part(0)),
  }),
  shadow.map((target) => ({
    kind: 'shadow' as const,
    command: `${target.mode === 'full' ? 1 : 0}XSHAD${target.user}XSHADPP${target.display}`,
    shadow: target,
  })),
);

export const sessionName: fc.Arbitrary<SessionName> = record({
  user,
  display: fc.integer({ min: 0, max: 9_999 }),
  startedAt: fc.integer({ min: 0, max: 999_999_999_999 }),
  purpose,
  depth: fc.integer({ min: 0, max: 99 }),
  host: fc.option(part(1), { nil: undefined }),
}).map(({ user, display, startedAt, purpose, depth, host }) => {
  const parts = {
    user,
    display,
    startedAt,
    ...purpose,
    depth,
    ...(host === undefined ? {} : { xdmcpHost: host }),
  };
  return { session: formatSessionName(parts), ...parts };
});

const port = fc.integer({ min: 1024, max: 65_535 });
const ports: fc.Arbitrary<AgentPorts> = record({ graphics: port, sound: port, files: port });
const serverTime = fc
  .date({ min: new Date('1970-01-01T00:00:00Z'), max: new Date('9999-12-31T23:59:59Z'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 19));

export const cookie = text('0123456789abcdefABCDEF', 32, 32);

export const sessionRecord: fc.Arbitrary<SessionRecord> = record({
  name: sessionName,
  server: fc.domain(),
  status: fc.constantFrom('R' as const, 'S' as const, 'F' as const, 'T' as const),
  client: fc.oneof(fc.ipV4(), fc.ipV6()),
  createdAt: serverTime,
  changedAt: serverTime,
  ageSeconds: fc.integer({ min: -86_400, max: 9_999_999_999 }),
  agentPid: fc.option(fc.integer({ min: 1, max: 9_999_999_999 }), { nil: undefined }),
  ports: fc.option(ports, { nil: undefined }),
  byOwner: fc.boolean(),
}).map(({ name, agentPid, ports, byOwner, ...rest }) => ({
  session: name.session,
  kind: name.kind,
  user: byOwner && name.shadow !== undefined ? name.shadow.user : name.user,
  command: name.command,
  display: name.display,
  ...rest,
  ...(agentPid === undefined ? {} : { agentPid }),
  ...(ports === undefined ? {} : { ports }),
}));
