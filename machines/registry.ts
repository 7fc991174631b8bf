/** What a listing, or a frame of the state watch, means for the sessions we know: pure functions. */
import type { Listing } from './ports.js';
import type { AgentState, ListedSession, SessionId, SessionRecord, SessionTag } from './vocabulary.js';

/** What the server showed of one session. The session's chart decides what changes by it. */
export type Evidence =
  | { readonly type: 'server.starting' }
  /** `stint` names this stretch of running: another client's address or time is another stint. Only listings know it. */
  | { readonly type: 'server.running'; readonly stint?: string }
  | { readonly type: 'server.suspending' }
  | { readonly type: 'server.suspended' }
  /** Its row or its agent's last word says that it ended, and its agent still lives. */
  | { readonly type: 'server.unlisted' }
  | { readonly type: 'server.gone'; readonly reason: 'ended' | 'agentGone' };

export interface Registry {
  readonly known: Readonly<Record<SessionId, SessionRecord>>;
  /** Sessions that ended while the server still lists them: they are not registered again. */
  readonly ended: readonly SessionId[];
}
export interface RegistrationRules {
  readonly register: boolean;
  readonly skipPublished: boolean;
  /** Sessions somebody asked for: they are registered in any case. @default none */
  readonly wanted?: readonly SessionId[];
  /** A start of ours has no name yet: a new row may be its. It is registered later, if it is not. @default false */
  readonly expecting?: boolean;
}
export interface Reconciliation {
  readonly registered: readonly SessionRecord[];
  readonly evidence: readonly (readonly [SessionId, Evidence])[];
  readonly known: Readonly<Record<SessionId, SessionRecord>>;
  readonly ended: readonly SessionId[];
  /** Wanted, and perhaps what a start of ours that has no name yet is making: the next listing tells. */
  readonly undecided: readonly SessionId[];
  /** Something is between two states: ask again soon. */
  readonly unsettled: boolean;
}

export function reconcile(registry: Registry, listing: Listing, rules: RegistrationRules): Reconciliation {
  const known: Record<SessionId, SessionRecord> = { ...registry.known };
  const listed = new Set(listing.sessions.map((record) => record.session));
  const registered: SessionRecord[] = [];
  const undecided: SessionId[] = [];
  const evidence: [SessionId, Evidence][] = [];

  for (const row of listing.sessions) {
    const id = row.session;
    if (registry.ended.includes(id)) continue;
    const record = completed(row, known[id]);
    const isHalfWritten = isOfItsSuspension(record, known[id]);
    const shown = evidenceOf(record, listing);
    const seen: Evidence =
      isHalfWritten && shown.type === 'server.running' ? { type: 'server.running' } : shown;
    if (known[id] === undefined) {
      if (mayBeOurs(record, seen, rules)) {
        if (rules.wanted?.includes(id)) undecided.push(id);
        continue;
      }
      if (!isToRegister(record, rules) || seen.type === 'server.gone') continue;
      registered.push(record);
    }
    known[id] = isHalfWritten ? { ...record, status: 'S' } : record;
    evidence.push([id, seen]);
  }
  for (const [id, record] of Object.entries(registry.known)) {
    if (listed.has(id)) continue;
    const seen = departure(record, listing);
    if (seen) evidence.push([id, seen]);
  }
  return {
    registered,
    evidence,
    known,
    ended: registry.ended.filter((id) => listed.has(id)),
    undecided,
    unsettled:
      undecided.length > 0 ||
      evidence.some(([, { type }]) => type === 'server.suspending' || type === 'server.unlisted') ||
      listing.sessions.some((record) => known[record.session] !== undefined && isHatching(record)),
  };
}

/** A listing that was on its way while an agent started shows its row without an agent: what is known is not unlearned. */
function completed(row: SessionRecord, before: SessionRecord | undefined): SessionRecord {
  const agentPid = row.agentPid ?? before?.agentPid;
  const ports = row.ports ?? before?.ports;
  return {
    ...row,
    ...(agentPid === undefined ? {} : { agentPid }),
    ...(ports === undefined ? {} : { ports }),
  };
}

/**
 * A resume writes the status first and the time a moment later (seen, a second between them on a busy server): a row that runs
 * with the time of its suspension says nothing yet of this stretch.
 */
const isOfItsSuspension = (record: SessionRecord, before: SessionRecord | undefined): boolean =>
  before?.status === 'S' && record.status === 'R' && record.changedAt === before.changedAt;

/**
 * Registered as somebody's, a session of ours would have two actors as soon as its start knows its name. A server whose
 * clock was put forward meanwhile shows it as old: until it is shown somewhere it is starting all the same.
 */
const mayBeOurs = (record: SessionRecord, seen: Evidence, rules: RegistrationRules): boolean =>
  rules.expecting === true && (record.ageSeconds < youngest || seen.type === 'server.starting');

function isToRegister(record: SessionRecord, rules: RegistrationRules): boolean {
  if (rules.wanted?.includes(record.session)) return true;
  return rules.register && !(rules.skipPublished && record.kind === 'published');
}

/** Older rows were there before our start, in seconds. */
const youngest = 60;

/**
 * For a second or two a new row has no agent yet. Until its pid is known nobody would notice the agent's end: it may leave
 * its state file as it was. Rows that stay so are old.
 */
const isHatching = (record: SessionRecord) => record.agentPid === undefined && record.ageSeconds < 30;

/** DESIGN's table, read from the file first: the listing was taken a moment before the file. */
export function evidenceOf(record: SessionRecord, listing: Listing): Evidence {
  const state = listing.states[record.session];
  const agentGone = record.agentPid !== undefined && listing.gone.includes(record.agentPid);
  if (agentGone || record.status === 'F') {
    return { type: 'server.gone', reason: state === 'TERMINATED' || !agentGone ? 'ended' : 'agentGone' };
  }
  if (state === 'TERMINATING' || state === 'TERMINATED') return { type: 'server.unlisted' };
  if (state === 'RUNNING' || state === 'RESUMING') return running(record);
  if (record.status === 'S' || state === 'SUSPENDED') return { type: 'server.suspended' };
  if (state === 'STARTING' || record.agentPid === undefined) return { type: 'server.starting' };
  if (state === 'SUSPENDING') return { type: 'server.suspending' };
  return running(record);
}

const running = (record: SessionRecord): Evidence =>
  record.status === 'R'
    ? { type: 'server.running', stint: `${record.client} ${record.changedAt}` }
    : { type: 'server.running' };

/** A row that was skipped might have been this session's: while its agent lives, it has not departed. */
function departure(record: SessionRecord, listing: Listing): Evidence | undefined {
  const { agentPid } = record;
  if (agentPid !== undefined && listing.gone.includes(agentPid))
    return { type: 'server.gone', reason: 'ended' };
  if (listing.skipped.length > 0) return undefined;
  if (agentPid === undefined) return { type: 'server.gone', reason: 'ended' };
  // Its agent was not looked for: it started while this listing was on its way.
  return listing.alive.includes(agentPid) ? { type: 'server.unlisted' } : undefined;
}

/** What a state file alone says; nothing, where only the listing may speak. */
export function evidenceOfState(state: AgentState): Evidence | undefined {
  switch (state) {
    case 'STARTING':
      return { type: 'server.starting' };
    case 'RUNNING':
    case 'RESUMING':
      return { type: 'server.running' };
    case 'SUSPENDING':
      return { type: 'server.suspending' };
    case 'SUSPENDED':
      return { type: 'server.suspended' };
    case 'TERMINATING':
    case 'TERMINATED':
      return undefined;
  }
}

/** Without what the state watch has overtaken meanwhile; that a session departed stays true. */
export const withoutOvertaken = (
  evidence: Reconciliation['evidence'],
  observed: readonly SessionId[],
): Reconciliation['evidence'] =>
  evidence.filter(
    ([session, { type }]) =>
      type === 'server.gone' || type === 'server.unlisted' || !observed.includes(session),
  );

/** Sessions that ended on the server while their agents live on. */
export const unlistedIn = (evidence: Reconciliation['evidence']): readonly SessionId[] =>
  evidence.filter(([, { type }]) => type === 'server.unlisted').map(([session]) => session);

const tags: Readonly<Record<Evidence['type'], SessionTag>> = {
  'server.starting': 'starting',
  'server.running': 'running',
  'server.suspending': 'suspending',
  'server.suspended': 'suspended',
  'server.unlisted': 'terminating',
  'server.gone': 'terminated',
};

/** The rows of a listing, each with the state it shows. */
export const withStates = (listing: Listing): readonly ListedSession[] =>
  listing.sessions.map((record) => ({ ...record, state: tags[evidenceOf(record, listing).type] }));

/** The same rows a while later. */
export const grownOlder = (sessions: readonly ListedSession[], byMs: number): readonly ListedSession[] =>
  sessions.map((session) => ({ ...session, ageSeconds: session.ageSeconds + Math.round(byMs / 1_000) }));
