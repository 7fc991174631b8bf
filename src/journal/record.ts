import type { Hop, Profile, SshHop } from '../../machines/vocabulary.js';
import type { JournalEntry } from './journal.js';
import type { Owner } from './owner.js';

/** What a journal's file says: one line for the owner, one for each entry, so that an entry is put into words once. */
const version = 1;

export interface JournalRecord {
  readonly owner: Owner;
  readonly entries: readonly JournalEntry[];
}
export type ReadRecord =
  | { readonly ok: true; readonly record: JournalRecord }
  | { readonly ok: false; readonly reason: string };

export const ownerText = (owner: Owner): string => JSON.stringify({ v: version, owner });
/** Closed by a line of its own: a file without it was cut off. */
export const recordText = (owner: string, entries: Iterable<string>): string =>
  `${[owner, ...entries, '"end"'].join('\n')}\n`;

/** Throws for what could not be read back: it would spoil the whole file. */
export function entryText(entry: JournalEntry): string {
  const text = JSON.stringify(plainEntry(entry));
  if (parseEntry(fieldsOf(text)) === undefined)
    throw new Error(`it could not be read back: ${text.slice(0, 80)}`);
  return text;
}

/** Only the fields we know: what else a caller's object carries is not for the disk. */
function plainEntry(entry: JournalEntry): JournalEntry {
  const { kind } = entry;
  switch (kind) {
    case 'child':
      return { kind, pid: entry.pid, startTime: entry.startTime ?? '', command: shortened(entry.command) };
    case 'directory':
      return { kind, path: entry.path };
    case 'start':
      return { kind, marker: entry.marker, profile: plain(entry.profile) };
    case 'session':
      return { kind, session: entry.session, profile: plain(entry.profile) };
  }
}

/** All of it is understood, or nothing is acted upon. */
export function parseRecord(text: string): ReadRecord {
  const lines = text.split('\n');
  if (lines.pop() !== '' || lines.pop() !== '"end"') return garbled('it has no end');
  const head = parseOwner(lines[0] ?? '');
  if (!head.ok) return head;
  const entries: JournalEntry[] = [];
  for (const [index, line] of lines.slice(1).entries()) {
    const entry = parseEntry(fieldsOf(line));
    if (entry === undefined) return garbled(`entry ${index + 1} is not understood`);
    entries.push(entry);
  }
  return { ok: true, record: { owner: head.owner, entries } };
}

export type ReadOwner =
  | { readonly ok: true; readonly owner: Owner }
  | { readonly ok: false; readonly reason: string; readonly later: boolean };

export function parseOwner(line: string): ReadOwner {
  const head = fieldsOf(line);
  const found = head.v;
  if (found !== version) {
    const later = typeof found === 'number' && found > version;
    const reason = later ? `it was written by a later version (${found})` : 'it is no journal';
    return { ok: false, reason, later };
  }
  const { pid, startTime, boot, namespace, machine } = asFields(head.owner);
  // In a container we may be process 1.
  const whole =
    (isPid(pid) || pid === 1) &&
    isStartTime(startTime) &&
    isText(boot, 0) &&
    isText(namespace, 0) &&
    isText(machine, 0);
  if (!whole) return { ok: false, reason: 'its owner is not understood', later: false };
  return { ok: true, owner: { pid, startTime, boot, namespace, machine } };
}

type Fields = Readonly<Record<string, unknown>>;

function parseEntry(fields: Fields): JournalEntry | undefined {
  const { kind, pid, startTime, command, path, marker, session } = fields;
  if (kind === 'child')
    return isPid(pid) && isStartTime(startTime) && isText(command)
      ? { kind, pid, startTime, command }
      : undefined;
  if (kind === 'directory') return isText(path) ? { kind, path } : undefined;
  const profile = parseProfile(asFields(fields.profile));
  if (profile === undefined) return undefined;
  if (kind === 'start') return isText(marker) ? { kind, marker, profile } : undefined;
  if (kind === 'session') return isText(session) ? { kind, session, profile } : undefined;
  return undefined;
}

function parseProfile({ id, host, port, user, via, hostKeyAlias }: Fields): Profile | undefined {
  const place = parsePlace({ host, port, user, hostKeyAlias });
  const hops = via === undefined ? undefined : parseWay(via);
  if (!isText(id) || place === undefined || (via !== undefined && hops === undefined)) return undefined;
  return { id, ...place, ...(hops === undefined ? {} : { via: hops }) };
}

/** The way that led there: without it another host may have the same name. */
function parseWay(via: unknown): readonly Hop[] | undefined {
  if (!Array.isArray(via) || via.length > 16) return undefined;
  const hops = via.map((one) => parseHop(asFields(one)));
  return hops.every((hop) => hop !== undefined) ? hops : undefined;
}

function parseHop({ kind, ...place }: Fields): Hop | undefined {
  if (kind !== 'http') return parsePlace(place);
  const parsed = parsePlace({ ...place, user: place.user ?? '-' });
  if (parsed === undefined) return undefined;
  const { host, port, user } = parsed;
  return { kind, host, ...portOf(port), ...(place.user === undefined ? {} : { user }) };
}

function parsePlace({ host, port, user, hostKeyAlias }: Fields): SshHop | undefined {
  if (!isText(host) || !isText(user)) return undefined;
  const isPort = Number.isInteger(port) && (port as number) >= 0 && (port as number) < 65_536;
  if (port !== undefined && !isPort) return undefined;
  if (hostKeyAlias !== undefined && !isText(hostKeyAlias)) return undefined;
  const alias = hostKeyAlias === undefined ? {} : { hostKeyAlias };
  return { host, ...portOf(port as number | undefined), user, ...alias };
}

const portOf = (port: number | undefined) => (port === undefined ? {} : { port });

const plain = ({ id, host, port, user, via, hostKeyAlias }: Profile): Profile => ({
  id,
  host,
  ...portOf(port),
  user,
  ...(via === undefined ? {} : { via }),
  ...(hostKeyAlias === undefined ? {} : { hostKeyAlias }),
});

/** Whole words, as they are compared. */
const shortened = (command: string) =>
  command.length <= 1_024 ? command : command.slice(0, command.lastIndexOf(' ', 1_024));

function fieldsOf(line: string): Fields {
  try {
    return asFields(JSON.parse(line));
  } catch {
    return {};
  }
}
const asFields = (value: unknown): Fields =>
  typeof value === 'object' && value !== null ? (value as Fields) : {};

/** 0 and what is below are groups of processes, 1 is nobody's child. */
const isPid = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) > 1;
const isStartTime = (value: unknown): value is string =>
  typeof value === 'string' && /^\d{0,20}$/.test(value);
const isText = (value: unknown, least = 1): value is string =>
  typeof value === 'string' && value.length >= least && value.length <= 8_192 && !value.includes('\0');

const garbled = (reason: string): ReadRecord => ({ ok: false, reason });
