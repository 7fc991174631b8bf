import type { Hop } from '../../machines/vocabulary.js';
import {
  isObject,
  milliseconds,
  oneOf,
  port,
  type Rules,
  refusal,
  show,
  text,
  whole,
} from './configRules.js';
import type { SshAccess } from './sshConfig.js';
import { readTarget } from './target.js';

/** A stop on the way as the file of --config gives it. In short `[user@]host[:port]`, which is one over SSH. */
export interface ConfiguredHop {
  readonly kind?: 'ssh' | 'http';
  readonly host: string;
  readonly port?: number;
  readonly user?: string;
  readonly hostKeyAlias?: string;
  readonly identity?: string;
  readonly knownHosts?: string;
  readonly aliveInterval?: number;
  readonly aliveCountMax?: number;
}

export const aliveRules = {
  aliveInterval: milliseconds,
  aliveCountMax: whole(0, 1_000_000, 'a whole number from 0'),
};
const hopRules: Rules<ConfiguredHop> = {
  kind: oneOf('ssh', 'http'),
  host: text,
  port,
  user: text,
  hostKeyAlias: text,
  identity: text,
  knownHosts: text,
  ...aliveRules,
};
/** A proxy has no keys and no host key. */
const proxyKeys: readonly string[] = ['kind', 'host', 'port', 'user'];

/** What is wrong with a `via`, or undefined. */
export function viaRefusal(via: unknown, where: string): string | undefined {
  if (via === undefined) return undefined;
  if (!Array.isArray(via)) return `${where} must be a list of hops, not ${show(via)}`;
  for (const [at, hop] of via.entries()) {
    const wrong = hopRefusal(hop, `${where}[${at}]`, at);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}

function hopRefusal(hop: unknown, where: string, at: number): string | undefined {
  if (typeof hop === 'string')
    return read(hop) === undefined ? `${where} must be [user@]host[:port], not ${show(hop)}` : undefined;
  if (!isObject(hop)) return `${where} must be [user@]host[:port] or an object, not ${show(hop)}`;
  const wrong = refusal(hop, hopRules, `${where}.`);
  if (wrong !== undefined) return wrong;
  if (!Object.hasOwn(hop, 'host')) return `${where} has no "host"`;
  if (hop.kind !== 'http') return undefined;
  if (at > 0) return `${where}: an HTTP proxy can only be the first hop`;
  const other = Object.keys(hop).find((key) => !proxyKeys.includes(key));
  return other === undefined ? undefined : `${where}: an HTTP proxy has no ${JSON.stringify(other)}`;
}

/** The hops of a `via` that viaRefusal() has nothing against, with their paths made whole. */
export const readVia = (via: readonly unknown[], path: (text: string) => string): readonly ConfiguredHop[] =>
  via.map((hop) => {
    const one = typeof hop === 'string' ? (read(hop) as ConfiguredHop) : (hop as ConfiguredHop);
    const { identity, knownHosts } = one;
    return {
      ...one,
      ...(identity === undefined ? {} : { identity: path(identity) }),
      ...(knownHosts === undefined ? {} : { knownHosts: path(knownHosts) }),
    };
  });

/** A hop of a profile, without how it is logged in to. */
export function hopOf(hop: ConfiguredHop, localUser: () => string): Hop {
  const { identity: _, knownHosts: __, kind, user, ...place } = hop;
  if (kind === 'http') return { kind, ...place, ...(user === undefined ? {} : { user }) };
  return { ...place, user: user ?? localUser() };
}

/** How a hop is logged in to: by its own key and host keys, else by the usual ones. */
export const hopAccess = ({ identity, knownHosts }: ConfiguredHop): SshAccess => ({
  notices: [],
  identitiesOnly: false,
  ...(identity === undefined ? {} : { identityFiles: [identity] }),
  ...(knownHosts === undefined ? {} : { knownHosts: [knownHosts] }),
});

function read(word: string): ConfiguredHop | undefined {
  try {
    return readTarget(word);
  } catch {
    return undefined;
  }
}
