import { X2GoError } from '../errors.js';
import { fingerprint, keyType } from './hostKeyBlob.js';
import { lookupName } from './hostPatterns.js';
import type { FoundHostKeys, KnownKey } from './knownHosts.js';

/** What is to be thought of a host's key. Pure: what the files said and the key in, yes or the reason out. */

export interface HostKeyOptions {
  readonly host: string;
  readonly port: number;
  /** What to do about a host nobody knows: refuse; refuse, so that a person can be asked; or remember its key. */
  readonly mode: 'strict' | 'ask' | 'accept-new';
  /** known_hosts files. All are read, the first is written. */
  readonly files: readonly string[];
}

/** What one known_hosts file says of the host. */
export interface Source extends FoundHostKeys {
  readonly file: string;
}

/** As ssh: revoked outweighs all, then the same key is a yes, then any other key of any type makes it a change. */
export function judgeHostKey(
  options: HostKeyOptions,
  sources: readonly Source[],
  key: Buffer,
): true | X2GoError {
  const type = keyType(key);
  if (type === undefined) return unchecked(options, 'what it sent is no well-formed key');
  const shown = `${fingerprint(key)} (${type})`;
  const all = (of: (source: Source) => readonly KnownKey[]) =>
    sources.flatMap((source) => of(source).map((one) => ({ ...one, file: source.file })));

  const revoked = all((source) => source.revoked).find((one) => one.key.equals(key));
  if (revoked !== undefined) {
    return new X2GoError(
      'hostKey.revoked',
      `The host key of ${named(options)} is revoked: ${shown}, ${revoked.file}:${revoked.line}. ` +
        'Nothing was sent. Do not connect; ask whoever runs the server.',
    );
  }
  const known = all((source) => source.keys);
  if (known.some((one) => one.key.equals(key))) return true;
  const [first] = known;
  if (first !== undefined) {
    const before = known.map((one) => `${fingerprint(one.key)} (${one.type}, ${one.file}:${one.line})`);
    return new X2GoError(
      'hostKey.changed',
      `The host key of ${named(options)} has changed: it shows ${shown}, known is ${before.join(', ')}. ` +
        'Nothing was sent. Somebody may be in between, or the server was set up anew. If its administrator ' +
        `confirms the new key, remove the old one: ssh-keygen -f '${first.file}' -R '${named(options)}'`,
    );
  }
  return new X2GoError(
    'hostKey.unknown',
    `The host key of ${named(options)} is not known: ${shown}. Nothing was sent. ` +
      `Compare it with what the server's administrator says${hints[options.mode]}.`,
  );
}

const hints = {
  strict: '; then add it with ssh, or with the host key mode ask or accept-new',
  ask: ', and say yes only if it is the same',
  'accept-new': '',
};

/** Another key at a rekey than the one this connection began with. */
export function changedAtRekey(options: HostKeyOptions, key: Buffer, accepted: Buffer): X2GoError {
  return new X2GoError(
    'hostKey.changed',
    `The host key of ${named(options)} changed within the connection: it shows ${fingerprint(key)}, ` +
      `and it began with ${fingerprint(accepted)}. Somebody may be in between.`,
  );
}

/** The check itself could not be made: that refuses. */
export function unchecked(options: HostKeyOptions, why: string, cause?: unknown): X2GoError {
  const text = `The host key of ${named(options)} could not be checked: ${why}. Nothing was sent.`;
  return new X2GoError('hostKey.unchecked', text, cause === undefined ? {} : { cause });
}

const named = ({ host, port }: HostKeyOptions) => lookupName(host, port);
