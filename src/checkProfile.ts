import type { Hop, HttpHop, Profile, ProfileId, SshHop } from '../machines/vocabulary.js';
import { X2GoError } from './errors.js';

const mostHops = 16;
/** setTimeout fires at once above this. */
const longestTimer = 2 ** 31 - 1;
const mostUnanswered = 1_000_000;

/** A profile with what is known of it and its defaults, and nothing else. Throws config.invalid for one that cannot be connected. */
export function checkProfile(profile: Profile): Profile {
  const { id, via, connectTimeout } = profile;
  const wrong = (what: string) => new X2GoError('config.invalid', `Profile ${JSON.stringify(id)}: ${what}`);
  if (typeof id !== 'string' || id === '') throw wrong('id must be a text that is not empty');
  const fault = loginFault(profile) ?? timeFault('connectTimeout', connectTimeout) ?? wayFault(via);
  if (fault !== undefined) throw wrong(fault);
  return {
    id,
    ...loginOf(profile),
    ...(via === undefined || via.length === 0 ? {} : { via: via.map(hopOf) }),
    ...(connectTimeout === undefined ? {} : { connectTimeout }),
  };
}

/** Throws config.invalid, and profile.duplicate where two have the same id. */
export function checkProfiles(profiles: readonly Profile[]): readonly Profile[] {
  const seen = new Set<ProfileId>();
  for (const { id } of profiles) {
    if (seen.has(id)) throw new X2GoError('profile.duplicate', `There are two profiles with the id ${id}`);
    seen.add(id);
  }
  return profiles.map(checkProfile);
}

/** What a profile and a hop over SSH have in common. */
type Login = Omit<SshHop, 'kind'>;

function loginOf({ host, user, port = 22, hostKeyAlias, aliveInterval, aliveCountMax }: Login): Login {
  return {
    host,
    user,
    port,
    ...(hostKeyAlias === undefined ? {} : { hostKeyAlias }),
    ...(aliveInterval === undefined ? {} : { aliveInterval }),
    ...(aliveCountMax === undefined ? {} : { aliveCountMax }),
  };
}

function hopOf(hop: Hop): Hop {
  if (hop.kind !== 'http') return loginOf(hop);
  const { host, port = 8_080, user } = hop;
  return { kind: 'http', host, port, ...(user === undefined ? {} : { user }) };
}

function loginFault(login: Login): string | undefined {
  const { hostKeyAlias, aliveInterval, aliveCountMax = 0 } = login;
  if (hostKeyAlias !== undefined && !/^[^\s,/@\x00-\x1f]+$/.test(hostKeyAlias))
    return 'hostKeyAlias is not a name';
  if (!Number.isInteger(aliveCountMax) || aliveCountMax < 0 || aliveCountMax > mostUnanswered)
    return `aliveCountMax must be a number from 0 to ${mostUnanswered}, not ${aliveCountMax}`;
  return placeFault(login) ?? timeFault('aliveInterval', aliveInterval);
}

function placeFault({ host, user, port = 22 }: Pick<Login, 'host' | 'user' | 'port'>): string | undefined {
  if (typeof host !== 'string' || !/^[^\s/@\x00-\x1f]+$/.test(host))
    return 'host is not a host name or address';
  if (typeof user !== 'string' || !/^[^\s:\x00-\x1f]+$/.test(user)) return 'user is not a user name';
  if (!Number.isInteger(port) || port < 1 || port > 65_535) return `port must be 1 to 65535, not ${port}`;
  return undefined;
}

function wayFault(via: readonly Hop[] = []): string | undefined {
  if (!Array.isArray(via) || via.length > mostHops) return `via must be a list of at most ${mostHops} hops`;
  for (const [at, hop] of (via as readonly Hop[]).entries()) {
    if (hop.kind === 'http' && at > 0) return `via[${at}]: an HTTP proxy can only be the first hop`;
    const fault = hop.kind === 'http' ? proxyFault(hop) : loginFault(hop);
    if (fault !== undefined) return `via[${at}]: ${fault}`;
  }
  return undefined;
}

const proxyFault = (hop: HttpHop) => placeFault({ user: 'nobody', ...hop });

const timeFault = (name: string, ms: number | undefined): string | undefined =>
  ms === undefined || (Number.isFinite(ms) && ms >= 1 && ms <= longestTimer)
    ? undefined
    : `${name} must be a number of milliseconds above 0, not ${ms}`;
