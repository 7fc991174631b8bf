import type { Listing, SurveyAnswer } from '../../../machines/ports.js';
import type { Failure, ServerIdentity, SessionId, SessionRecord } from '../../../machines/vocabulary.js';

/** The name of the nth session. */
export const sid = (n: number): SessionId => `alice-${n}-1700000000_stRxterm_dp24`;

/** The row of the nth session; its agent is the process 1000 + n. */
export const row = (n: number, changes: Partial<SessionRecord> = {}): SessionRecord => ({
  session: sid(n),
  kind: 'application',
  user: 'alice',
  command: 'xterm',
  display: n,
  server: 'apps1',
  status: 'R',
  client: '192.0.2.7',
  createdAt: '2026-01-02T03:04:05',
  changedAt: '2026-01-02T03:04:06',
  ageSeconds: 60,
  agentPid: 1000 + n,
  ...changes,
});

/** The row of a session whose agent has no process yet. */
export const rowWithoutAgent = (n: number): SessionRecord => {
  const { agentPid: _, ...rest } = row(n);
  return rest;
};

/** A listing of these rows; all their agents live unless said otherwise. */
export const listing = (sessions: readonly SessionRecord[], changes: Partial<Listing> = {}): Listing => ({
  sessions,
  skipped: [],
  states: {},
  alive: sessions.flatMap(({ agentPid }) => (agentPid === undefined ? [] : [agentPid])),
  gone: [],
  ...changes,
});

export const identity: ServerIdentity = {
  features: ['X2GO_PDFVIEWER'],
  versions: { x2goserver: '4.1.0.3' },
  home: '/home/alice',
};

export const failure = (code: Failure['code'], retryable: boolean): Failure => ({
  code,
  message: `planted: ${code}`,
  retryable,
});

/** What the first survey of a connection answers. */
export const introduction = (sessions: readonly SessionRecord[] = [], changes: Partial<Listing> = {}) => ({
  ...listed(sessions, changes),
  identity: { ok: true, value: identity } as const,
});

export const listed = (
  sessions: readonly SessionRecord[],
  changes: Partial<Listing> = {},
  at = 0,
): SurveyAnswer => ({ at, tookMs: 300, listing: { ok: true, value: listing(sessions, changes) } });

export const unlisted = (problem: Failure): SurveyAnswer => ({
  at: 0,
  tookMs: 300,
  listing: { ok: false, failure: problem },
});
