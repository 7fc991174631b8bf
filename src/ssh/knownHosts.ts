import { keyType } from './hostKeyBlob.js';
import { decodeBase64, hostsFault, lookupName, matchesHosts } from './hostPatterns.js';

/** The known_hosts format, as sshd(8) describes it and ssh(1) reads it. Pure: text in, entries out. */

export interface KnownHost {
  /** Counted from 1. */
  readonly line: number;
  readonly marker: 'none' | 'cert-authority' | 'revoked';
  /** The hosts field as written: a list of patterns, or `|1|salt|hash|`. */
  readonly hosts: string;
  readonly type: string;
  readonly key: Buffer;
}

export interface KnownHosts {
  readonly entries: readonly KnownHost[];
  /** Lines that were not understood. They are ignored, and counted. */
  readonly malformed: readonly { readonly line: number; readonly reason: string }[];
}

export interface KnownKey {
  readonly type: string;
  readonly key: Buffer;
  readonly line: number;
}

export interface FoundHostKeys {
  readonly keys: readonly KnownKey[];
  readonly revoked: readonly KnownKey[];
  /** What applies to this host and is not used, for people. */
  readonly notices: readonly string[];
}

export function parseKnownHosts(text: string): KnownHosts {
  const entries: KnownHost[] = [];
  const malformed: { line: number; reason: string }[] = [];
  for (const [index, row] of text.split('\n').entries()) {
    const line = index + 1;
    const parsed = parseLine(row.split('\0', 1)[0] ?? '');
    if (typeof parsed === 'string') malformed.push({ line, reason: parsed });
    else if (parsed !== undefined) entries.push({ line, ...parsed });
  }
  return { entries, malformed };
}

/** What the entries say of one host: keys that are good, keys that are revoked, and what was passed over. */
export function findHostKeys(entries: readonly KnownHost[], host: string, port: number): FoundHostKeys {
  const name = lookupName(host, port);
  const found = entries.filter((entry) => matchesHosts(name, entry.hosts));
  const marked = (marker: KnownHost['marker']): KnownKey[] =>
    found.filter((entry) => entry.marker === marker).map(({ type, key, line }) => ({ type, key, line }));
  return {
    keys: marked('none'),
    revoked: marked('revoked'),
    notices: marked('cert-authority').map(
      ({ line }) => `line ${line}: @cert-authority is not supported and was passed over`,
    ),
  };
}

/** A line's entry, why it is malformed, or undefined for a comment or a blank line. */
function parseLine(row: string): Omit<KnownHost, 'line'> | string | undefined {
  let rest = skipBlanks(row);
  if (rest.startsWith('#') || /^\s*$/.test(rest)) return undefined;

  let marker: KnownHost['marker'] = 'none';
  if (rest.startsWith('@')) {
    // OpenSSH ends a marker at the line's first space, and at a tab only when there is no space at all.
    const space = rest.indexOf(' ');
    const end = space < 0 ? rest.indexOf('\t') : space;
    const name = rest.slice(1, Math.max(end, 1));
    if (name !== 'cert-authority' && name !== 'revoked') return 'unknown marker';
    marker = name;
    rest = skipBlanks(rest.slice(end));
  }

  const [hosts, afterHosts] = takeField(rest);
  const fault = hostsFault(hosts);
  if (fault !== undefined) return fault;
  const [name, afterName] = takeField(afterHosts);
  if (name === '' || name.startsWith('#')) return 'no key';
  const key = decodeBase64(takeField(afterName)[0]);
  if (key === undefined) return 'the key is not base64';
  const type = keyType(key);
  if (type === undefined) return 'not a key of a known type';
  if (type !== (signatureNames.get(name) ?? name)) return 'the key is not of the type named';
  return { marker, hosts, type, key };
}

/** OpenSSH takes the name of a signature algorithm for the name of the key type. */
const signatureNames = new Map([
  ['rsa-sha2-256', 'ssh-rsa'],
  ['rsa-sha2-512', 'ssh-rsa'],
]);

const skipBlanks = (text: string) => text.replace(/^[ \t]+/, '');

function takeField(text: string): [field: string, rest: string] {
  const field = /^[^ \t]*/.exec(text)?.[0] ?? '';
  return [field, skipBlanks(text.slice(field.length))];
}
