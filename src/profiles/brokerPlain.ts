import {
  type Answered,
  type BrokerProfiles,
  isAuthId,
  ProfileGathering,
  refusal,
  unusable,
} from './brokerAnswer.js';
import { type NoServer, type Selection, selectionFrom } from './brokerSelection.js';

/** The plain protocol (PROTOCOL 6.1), which the one over SSH speaks too. */

/** Whatever was asked, the answer begins so. The value is the lines that follow. */
export function readHeader(text: string): Answered<readonly string[]> {
  if (text.includes('\0')) return unusable('it holds a NUL');
  // Brokers of old separate their lines for a browser.
  const lines = (
    /^\s*(?:AUTHID:[^<\n]*)?<br/i.test(text) || /Access granted\s*<br/i.test(text)
      ? text.replace(/<br ?\/?>(?:\r?\n)?/gi, '\n')
      : text
  ).split(/\r?\n/);
  let at = lines.findIndex((line) => line.trim() !== '');
  const id = /^AUTHID:(.*)$/.exec(lines[at] ?? '')?.[1]?.trim();
  if (id !== undefined) at += 1;
  const verdict = lines[at]?.trim() ?? '';
  if (/^access denied\b/i.test(verdict)) return refusal('access denied');
  if (verdict !== 'Access granted') return unusable('it does not begin with "Access granted"');
  if (id !== undefined && !isAuthId(id)) return unusable('its next authentication id is malformed');
  return { ok: true, value: lines.slice(at + 1), ...(id === undefined ? {} : { nextAuthId: id }) };
}

export function readPlainProfiles(text: string): Answered<BrokerProfiles> {
  const header = readHeader(text);
  if (!header.ok) return header;
  const lines = header.value;
  const begin = lines.findIndex((line) => line.trim() !== '');
  // A user for whom there is nothing gets the header alone.
  if (begin < 0) return { ...header, value: { profiles: [], skipped: [] } };
  if (lines[begin]?.trim() !== 'START_USER_SESSIONS') return unusable('no list of sessions begins in it');
  const end = lines.findIndex((line) => line.trim() === 'END_USER_SESSIONS');
  if (end < 0) return unusable('its list of sessions does not end');
  return { ...header, value: sections(lines.slice(begin + 1, end)) };
}

function sections(lines: readonly string[]): BrokerProfiles {
  const gathering = new ProfileGathering();
  let current: { readonly id: string; readonly settings: Map<string, string> } | undefined;
  const keep = () => current && gathering.add(current.id, current.settings);
  for (const line of lines) {
    const text = line.trim();
    const id = text.startsWith('[') && text.endsWith(']') ? text.slice(1, -1) : undefined;
    if (id !== undefined) {
      keep();
      current = { id: id.trim(), settings: new Map() };
      continue;
    }
    if (text === '' || /^[#;]/.test(text)) continue;
    const equals = text.indexOf('=');
    if (current === undefined || equals < 1) gathering.skip('a line is neither a section nor a setting');
    else current.settings.set(text.slice(0, equals).trim(), unquoted(text.slice(equals + 1).trim()));
  }
  keep();
  return gathering.done;
}

const unquoted = (value: string): string =>
  /^"(?:[^"\\]|\\.)*"$/.test(value) ? value.slice(1, -1).replace(/\\(["\\])/g, '$1') : value;

export function readPlainSelection(text: string): Answered<Selection | NoServer> {
  const header = readHeader(text);
  if (!header.ok) return header;
  const lines = header.value;
  const textAfter = (name: string) => lines.find((line) => line.startsWith(name))?.slice(name.length);
  const server = textAfter('SERVER:');
  if (server === undefined) return unusable('it names no server');
  const key = keyIn(lines);
  if (key === null) return unusable('the key it sends does not end');
  const sessionInfo = textAfter('SESSION_INFO:');
  const made = selectionFrom({
    server,
    ...(key === undefined ? {} : { key }),
    ...(sessionInfo === undefined ? {} : { sessionInfo }),
  });
  return made.ok ? { ...header, value: made.value } : made;
}

function keyIn(lines: readonly string[]): string | null | undefined {
  const begin = lines.findIndex((line) => line.startsWith('-----BEGIN '));
  if (begin < 0) return undefined;
  const end = lines.findIndex((line, index) => index > begin && line.startsWith('-----END '));
  return end < 0 ? null : lines.slice(begin, end + 1).join('\n');
}
