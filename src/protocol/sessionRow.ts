import type { AgentPorts, ListedStatus, SessionRecord, SkippedRow } from '../../machines/vocabulary.js';
import { isAddress } from './address.js';
import { linesOf, skip } from './rows.js';
import { parseSessionName, type SessionName } from './sessionName.js';
import {
  isAgeText,
  isCookie,
  isDisplayText,
  isHostName,
  isPidText,
  isPortText,
  isServerTime,
  isTelekinesisText,
} from './values.js';

export type ParsedSessionRow =
  /** The cookie travels beside the record: it is a secret, the record is not. Empty while the agent is being started. */
  | { readonly ok: true; readonly session: SessionRecord; readonly cookie: string }
  | ({ readonly ok: false } & SkippedRow);

type Check = readonly [field: string, holds: (text: string) => boolean];

const orEmpty = (holds: Check[1]) => (text: string) => text === '' || holds(text);

const isStatus = (text: string): text is ListedStatus => /^[RSFT]$/.test(text);

// In the order of the columns. The session name, the status and the user are looked at on their own.
const columns: readonly Check[] = [
  ['agent pid', orEmpty(isPidText)],
  ['session name', () => true],
  ['display', isDisplayText],
  ['server', isHostName],
  ['status', () => true],
  ['creation time', isServerTime],
  ['cookie', orEmpty(isCookie)],
  ['client address', orEmpty(isAddress)],
  ['graphics port', orEmpty(isPortText)],
  ['sound port', orEmpty(isPortText)],
  ['time of the last change', isServerTime],
  ['user', () => true],
  ['age', isAgeText],
  ['file-sharing port', orEmpty(isPortText)],
  ['telekinesis control port', isTelekinesisText],
  ['telekinesis data port', isTelekinesisText],
];

/** x2golistshadowsessions stops before the telekinesis ports; x2golistsessions may. */
const fewestFields = 14;

/** Fields after these are only known to exist. */
const mostFieldsRead = 32;

export function parseSessionRow(line: string): ParsedSessionRow {
  const refuse = (reason: string): ParsedSessionRow => ({ ok: false, ...skip(reason, line) });
  const fields = line.split('|', mostFieldsRead);
  if (fields.length < fewestFields) return refuse(`expected ${fewestFields} fields, got ${fields.length}`);
  const wrong = columns.find(([, holds], at) => !holds(fields[at] ?? ''));
  if (wrong !== undefined) return refuse(`${wrong[0]} is malformed`);
  const [pid = '', sid = '', display = '', server = '', status = '', createdAt = '', cookie = ''] = fields;
  const [client = '', graphics = '', sound = '', changedAt = '', user = '', age = '', files = ''] =
    fields.slice(7);
  // For about two seconds of a start the row has no pid, cookie, client and ports (seen with 4.1.0.3).
  if (pid !== '' && (cookie === '' || client === '')) return refuse('cookie or client address is missing');
  // No field of the record may carry the secret out, not even the server's name.
  if (cookie !== '' && `${sid}|${server}`.includes(cookie)) return refuse('cookie is repeated elsewhere');
  const parsed = parseSessionName(sid);
  if (!parsed.ok) return refuse(parsed.reason);
  const { name } = parsed;
  if (name.display !== Number(display)) return refuse('display differs from the one in the session name');
  if (!ownersOf(name).includes(user)) return refuse('user differs from the one in the session name');
  if (!isStatus(status)) return refuse('status is malformed');
  const ports = parsePorts(graphics, sound, files);
  if (ports === undefined) return refuse('some of the ports are missing');
  const session: SessionRecord = {
    session: sid,
    kind: name.kind,
    user,
    command: name.command,
    display: name.display,
    server,
    status,
    client,
    createdAt,
    changedAt,
    ageSeconds: Number(age),
    ...(pid === '' ? {} : { agentPid: Number(pid) }),
    ...ports,
  };
  return { ok: true, session, cookie };
}

/** A shadow session is named after who asked for it, but its agent runs as the owner of the desktop. */
function ownersOf({ user, shadow }: SessionName): readonly string[] {
  return shadow === undefined ? [user] : [user, shadow.user];
}

/** All three or none: an agent that is being started has no ports yet. */
function parsePorts(...texts: [string, string, string]): { ports?: AgentPorts } | undefined {
  if (texts.every((text) => text === '')) return {};
  if (texts.includes('')) return undefined;
  const [graphics, sound, files] = texts;
  return { ports: { graphics: Number(graphics), sound: Number(sound), files: Number(files) } };
}

export function parseSessionRows(text: string): { sessions: SessionRecord[]; skipped: SkippedRow[] } {
  const sessions = new Map<string, SessionRecord>();
  const skipped: SkippedRow[] = [];
  for (const line of linesOf(text)) {
    const row = parseSessionRow(line);
    if (!row.ok) skipped.push({ reason: row.reason, line: row.line });
    else if (sessions.has(row.session.session)) skipped.push(skip('session was already listed', line));
    else sessions.set(row.session.session, row.session);
  }
  return { sessions: [...sessions.values()], skipped };
}

export interface SessionRowOptions {
  /** Control and data port. @default [-1, -1], as without telekinesis; nothing while the agent is being started. */
  readonly telekinesis?: readonly [control: number, data: number];
}

/** The line a server prints: 16 fields, or 14 for a shadow session. */
export function formatSessionRow(
  record: SessionRecord,
  cookie: string,
  options: SessionRowOptions = {},
): string {
  const { ports } = record;
  const fields = [
    record.agentPid ?? '',
    record.session,
    record.display,
    record.server,
    record.status,
    record.createdAt,
    cookie,
    record.client,
    ports?.graphics ?? '',
    ports?.sound ?? '',
    record.changedAt,
    record.user,
    record.ageSeconds,
    ports?.files ?? '',
  ];
  if (record.kind === 'shadow') return fields.join('|');
  const none = record.agentPid === undefined ? ['', ''] : [-1, -1];
  return [...fields, ...(options.telekinesis ?? none)].join('|');
}
