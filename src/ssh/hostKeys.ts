import type { X2GoError } from '../errors.js';
import { type HostKeyAlgorithm, orderHostKeyAlgorithms } from './algorithms.js';
import { keyType } from './hostKeyBlob.js';
import {
  changedAtRekey,
  type HostKeyOptions,
  judgeHostKey,
  type Source,
  unchecked,
} from './hostKeyVerdict.js';
import { hashName, isHashed, isPlainName, lookupName } from './hostPatterns.js';
import { findHostKeys, type KnownHost, parseKnownHosts } from './knownHosts.js';
import { appendKnownHost, readKnownHosts } from './knownHostsFile.js';

export type { HostKeyOptions } from './hostKeyVerdict.js';

/** The host keys of one host, for one connection. */
export interface HostKeys {
  /** The host key algorithms to offer, those of the types known for this host first. */
  readonly algorithms: readonly HostKeyAlgorithm[];
  /** Lines that were passed over, for people. */
  readonly notices: readonly string[];
  /** For `strictVerifier`. The first key accepted is the only one accepted from then on, at every rekey. */
  verify(key: Buffer): true | X2GoError;
  /** Writes an unknown key down after a person said yes to it, and accepts it from now on. */
  remember(key: Buffer): true | X2GoError;
}

/** Reads the known_hosts files, before a connection is made. One that cannot be read refuses: hostKey.unchecked. */
export async function openHostKeys(options: HostKeyOptions): Promise<HostKeys> {
  const sources: Source[] = [];
  const notices: string[] = [];
  for (const file of options.files) {
    const content = await readKnownHosts(file).catch((cause: unknown) => {
      throw unchecked(options, `${file} cannot be read (${reason(cause)})`, cause);
    });
    const { entries, malformed } = parseKnownHosts(content.toString());
    const source = { file, ...findHostKeys(entries, options.host, options.port) };
    sources.push(source);
    notices.push(...source.notices.map((notice) => `${file}, ${notice}`));
    if (malformed.length > 0) notices.push(`${file}: malformed lines ignored: ${malformed.length}`);
  }

  let accepted: Buffer | undefined;
  const accept = (key: Buffer): true => {
    accepted ??= Buffer.from(key);
    return true;
  };
  const judge = (key: Buffer): true | X2GoError => {
    if (accepted === undefined) return judgeHostKey(options, sources, key);
    return key.equals(accepted) || changedAtRekey(options, key, accepted);
  };
  const remember = (key: Buffer): true | X2GoError => {
    const verdict = judge(key);
    if (verdict === true) return accept(key);
    if (verdict.code !== 'hostKey.unknown') return verdict;
    const written = write(options, key);
    return written === true ? accept(key) : written;
  };
  return {
    algorithms: orderHostKeyAlgorithms(sources.flatMap(({ keys }) => keys.map(({ type }) => type))),
    notices,
    remember,
    verify(key) {
      if (options.mode === 'accept-new') return remember(key);
      const verdict = judge(key);
      return verdict === true ? accept(key) : verdict;
    },
  };
}

/** Writes the key into the first file, unless that file came to know the host since it was read. */
function write(options: HostKeyOptions, key: Buffer): true | X2GoError {
  const [file] = options.files;
  if (file === undefined) return unchecked(options, 'there is no known_hosts file to remember it in');
  let verdict: true | X2GoError = true;
  try {
    appendKnownHost(file, (current) => {
      const { entries } = parseKnownHosts(current.toString());
      const source = { file, ...findHostKeys(entries, options.host, options.port) };
      verdict = judgeHostKey(options, [source], key);
      if (verdict === true || verdict.code !== 'hostKey.unknown') return undefined;
      verdict = true;
      return `${hostsField(entries, options)} ${keyType(key)} ${key.toString('base64')}`;
    });
    return verdict;
  } catch (cause) {
    return unchecked(options, `${file} cannot be written (${reason(cause)})`, cause);
  }
}

/** Hashed in a file that hashes all its names, and where a plain name would be read as something else. */
function hostsField(entries: readonly KnownHost[], { host, port }: HostKeyOptions): string {
  const name = lookupName(host, port);
  const hashing = entries.length > 0 && entries.every((entry) => isHashed(entry.hosts));
  return hashing || !isPlainName(name) ? hashName(name) : name;
}

const reason = (cause: unknown) => (cause instanceof Error ? cause.message : String(cause));
