import {
  type Answered,
  type BrokerProfiles,
  isAuthId,
  ProfileGathering,
  refusal,
  unusable,
} from './brokerAnswer.js';
import { type NoServer, type Selection, selectionFrom } from './brokerSelection.js';

/** The JSON protocol (PROTOCOL 6.2). */

type Plain = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Plain =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
/** A field of its own, never what every object inherits. */
const own = (value: Plain, name: string): unknown => (Object.hasOwn(value, name) ? value[name] : undefined);

/** Whatever was asked, the answer has these. */
export function readJsonHeader(text: string): Answered<Plain> {
  const value = parsed(text);
  if (!isObject(value)) return unusable('it is no JSON object');
  const status = own(value, 'auth-status');
  if (typeof status === 'string' && /^access denied\b/i.test(status.trim())) return refusal('access denied');
  if (status !== 'Access granted') return unusable('its auth-status is not "Access granted"');
  const id = own(value, 'next-authid');
  if (id === undefined || id === null || id === '') return { ok: true, value };
  if (typeof id !== 'string' || !isAuthId(id)) return unusable('its next authentication id is malformed');
  return { ok: true, value, nextAuthId: id };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function readJsonProfiles(text: string): Answered<BrokerProfiles> {
  const header = readJsonHeader(text);
  if (!header.ok) return header;
  const profiles = own(header.value, 'profiles') ?? {};
  if (!isObject(profiles)) return unusable('its profiles are no object');
  const gathering = new ProfileGathering();
  for (const [id, settings] of Object.entries(profiles)) {
    if (isObject(settings)) gathering.add(id, settingsOf(settings));
    else gathering.skip('a profile is no object');
  }
  return { ...header, value: gathering.done };
}

/** As the plain protocol has them. What is neither a text, a number, a yes or no, nor a list of these is passed over. */
function settingsOf(settings: Plain): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  for (const [key, value] of Object.entries(settings)) {
    const text = Array.isArray(value) ? listed(value) : single(value);
    if (text !== undefined) texts.set(key, text);
  }
  return texts;
}

function single(value: unknown): string | undefined {
  if (typeof value === 'boolean') return value ? '1' : '0';
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}

function listed(values: readonly unknown[]): string | undefined {
  const texts = values.map(single);
  return texts.includes(undefined) ? undefined : texts.join(',');
}

export function readJsonSelection(text: string): Answered<Selection | NoServer> {
  const header = readJsonHeader(text);
  if (!header.ok) return header;
  const selected = own(header.value, 'selected_session');
  if (!isObject(selected)) return unusable('it names no server');
  const textOf = (...names: readonly string[]) => {
    const values = names.map((name) => single(own(selected, name)));
    return values.find((value) => value !== undefined && value !== '');
  };
  const [server, port, key, sessionInfo] = [
    textOf('server'),
    textOf('port'),
    // x2gobroker 0.0.4.3 says `key` (seen), older ones `authentication_privkey`.
    textOf('key', 'authentication_privkey'),
    textOf('session_info'),
  ];
  if (server === undefined) return unusable('it names no server');
  if (server.includes('\0')) return unusable('it holds a NUL');
  const made = selectionFrom({
    server,
    ...(port === undefined ? {} : { port }),
    ...(key === undefined ? {} : { key }),
    ...(sessionInfo === undefined ? {} : { sessionInfo }),
  });
  return made.ok ? { ...header, value: made.value } : made;
}
