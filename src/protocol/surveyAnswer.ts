import type { Listing, Outcome } from '../../machines/ports.js';
import type { AgentState, FailureCode, Mount, ServerIdentity, SessionId } from '../../machines/vocabulary.js';
import { failureTable } from '../../machines/vocabulary.js';
import { parseAgentState } from './agentState.js';
import { nothingBegan } from './complaint.js';
import { parseFeatures } from './features.js';
import { type Framed, parseFramed, type Section } from './framing.js';
import { parseMounts } from './mounts.js';
import type { SurveyRequest } from './request.js';
import { linesOf } from './rows.js';
import { isSessionId } from './sessionName.js';
import { parseSessionRows } from './sessionRow.js';
import { clean, truncate } from './text.js';
import { isHome, isPidText } from './values.js';
import { parseVersions } from './versions.js';

export interface SurveyReading {
  readonly identity?: Outcome<ServerIdentity>;
  readonly listing?: Outcome<Listing>;
}

/** Exit code of a shell that does not find the command. */
const notFound = 127;
/** Exit code of `timeout` when it had to end what ran. */
const outOfTime = 124;

export function readSurvey(request: SurveyRequest, text: string, complaint: string): SurveyReading {
  const framed = parseFramed(request.marker, text);
  const broken = unframed(framed, text, complaint);
  const sections = framed.ok ? framed.sections : [];
  return {
    ...(request.identity ? { identity: broken ?? readIdentity(sections) } : {}),
    ...(request.sessions ? { listing: broken ?? readListing(request, sections, complaint) } : {}),
  };
}

/** What went wrong with the answer as a whole. */
export function unframed(
  framed: Framed,
  text: string,
  complaint: string,
): (Outcome<never> & { ok: false }) | undefined {
  if (framed.ok && framed.code !== outOfTime) return undefined;
  if (framed.ok) return failed('command.timedOut', 'the server ended its own listing: it took too long');
  if (framed.reason === 'the answer never began') return nothingBegan(text, complaint);
  return failed('command.garbled', `${framed.reason}: ${excerpt(framed.noise || complaint)}`);
}

function readIdentity(sections: readonly Section[]): Outcome<ServerIdentity> {
  const { features, versions, home } = byName(sections);
  if (versions?.code === notFound && features?.code === notFound) return missing;
  if (versions === undefined || features === undefined) {
    return failed('command.garbled', 'the server did not say what it is');
  }
  const path = (home?.body ?? '').trimEnd();
  return {
    ok: true,
    value: {
      features: parseFeatures(features.body).features,
      versions: parseVersions(versions.body).versions,
      home: isHome(path) ? path : '',
    },
  };
}

function readListing(
  request: SurveyRequest,
  sections: readonly Section[],
  complaint: string,
): Outcome<Listing> {
  const { sessions, shadows, states, agents } = byName(sections);
  if (sessions === undefined || states === undefined)
    return failed('command.garbled', 'the listing is incomplete');
  if (sessions.code === notFound) return missing;
  if (sessions.code !== 0) {
    const why = excerpt(complaint || sessions.body);
    return failed('command.failed', `x2golistsessions ended with code ${sessions.code}: ${why}`);
  }
  const rows = parseSessionRows(sessions.body);
  // A server without the command has no shadow sessions to list.
  const shadowRows = parseSessionRows(shadows?.code === 0 ? shadows.body : '');
  const seen = readStates(states.body);
  const asked = readAgents(agents?.body ?? '');
  return {
    ok: true,
    value: {
      sessions: [...rows.sessions, ...shadowRows.sessions],
      skipped: [...rows.skipped, ...shadowRows.skipped],
      states: seen.states,
      ...agentsOf([...rows.sessions, ...shadowRows.sessions], seen.fates, asked),
      ...(request.mounts ? { mounts: readMounts(sections) } : {}),
    },
  };
}

function readStates(body: string) {
  const states: Record<SessionId, AgentState> = Object.create(null);
  const fates = new Map<SessionId, string>();
  for (const line of linesOf(body)) {
    const [session = '', word = '', fate = ''] = line.split(' ');
    if (!isSessionId(session)) continue;
    const state = parseAgentState(word);
    if (state) states[session] = state;
    fates.set(session, fate);
  }
  return { states: { ...states }, fates };
}

function readAgents(body: string): Map<number, string> {
  const fates = new Map<number, string>();
  for (const line of linesOf(body)) {
    const [pid = '', fate = ''] = line.split(' ');
    if (isPidText(pid)) fates.set(Number(pid), fate);
  }
  return fates;
}

function agentsOf(
  sessions: Listing['sessions'],
  bySession: ReadonlyMap<SessionId, string>,
  byPid: ReadonlyMap<number, string>,
): Pick<Listing, 'alive' | 'gone'> {
  const fates = new Map(byPid);
  for (const { session, agentPid } of sessions) {
    const fate = bySession.get(session);
    if (agentPid !== undefined && fate !== undefined) fates.set(agentPid, fate);
  }
  const pids = (wanted: string) => [...fates].filter(([, fate]) => fate === wanted).map(([pid]) => pid);
  return { alive: pids('alive'), gone: pids('gone') };
}

function readMounts(sections: readonly Section[]): readonly Mount[] {
  return sections.flatMap(({ name, code, body }) => {
    const session = name.startsWith('mounts:') ? name.slice('mounts:'.length) : '';
    return code === 0 && isSessionId(session) ? parseMounts(session, body).mounts : [];
  });
}

const byName = (sections: readonly Section[]): Partial<Record<string, Section>> =>
  Object.fromEntries(sections.map((section) => [section.name, section]));

const excerpt = (text: string) => truncate(clean(text).trim(), 200) || '(nothing)';

const failed = (code: FailureCode, message: string) =>
  ({ ok: false, failure: { code, message, retryable: failureTable[code].retryable } }) as const;

const missing = failed('x2go.missing', 'X2Go is not installed there: its commands were not found');
