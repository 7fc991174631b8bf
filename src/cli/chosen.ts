import { userInfo } from 'node:os';
import type { Profile } from '../../machines/vocabulary.js';
import { checkProfile } from '../checkProfile.js';
import { X2GoError } from '../errors.js';
import type { ResolvedProfile } from '../profiles/resolved.js';
import type { SshConfig } from '../profiles/sshConfig.js';
import type { Config, ConfiguredProfile } from './configSchema.js';
import { hopAccess, hopOf } from './configVia.js';
import type { HostKeyMode } from './options.js';
import { given } from './order.js';
import type { SessionProfiles } from './sessionProfiles.js';
import { type SshAccess, throughSshConfig } from './sshConfig.js';
import { parseTarget } from './target.js';

/** A profile that a command is for, and how to get in there where that is said for it alone. */
export interface Chosen {
  readonly profile: Profile;
  /** What it was named by, where it was named. */
  readonly word?: string;
  readonly identity?: string;
  readonly knownHosts?: string;
  readonly hostKey?: HostKeyMode;
  /** What it asks for besides, where it is one of x2goclient's. */
  readonly session?: ResolvedProfile;
  /** What ssh's configuration says of the host, and of each hop on the way. */
  readonly ssh?: SshAccess;
  readonly hops?: readonly SshAccess[];
}

export const thisUser = (): string => userInfo().username;

/**
 * The profiles that the words on the command line mean; without words, all of the configuration. Throws usage.invalid,
 * profile.unknown or config.invalid.
 */
export function chooseProfiles(
  targets: readonly string[],
  config: Config | undefined,
  localUser: () => string = thisUser,
  sshConfig?: SshConfig,
  sessions?: SessionProfiles,
): readonly Chosen[] {
  const configured = config?.profiles ?? [];
  const chosen = targets.length === 0 ? configured.map((one) => fromConfig(one, localUser)) : [];
  for (const text of targets) {
    const named = configured.find(({ id }) => id === text);
    const own = named ? fromConfig(named, localUser) : sessions?.find(text, localUser);
    chosen.push({ ...(own ?? fromTarget(text, config, localUser, sshConfig)), word: text });
  }
  if (chosen.length === 0) {
    const where = config === undefined ? '' : ', and the configuration has no profile';
    throw new X2GoError(
      'usage.invalid',
      `No target was given${where}. Name one: [user@]host[:port] or a profile, or give --config FILE with profiles`,
    );
  }
  return [...new Map(chosen.map((one) => [one.profile.id, one])).values()];
}

function fromConfig(configured: ConfiguredProfile, localUser: () => string): Chosen {
  const { identity, knownHosts, hostKey, user = localUser(), via = [], ...place } = configured;
  return {
    profile: checkProfile({ ...place, user, via: via.map((hop) => hopOf(hop, localUser)) }),
    ...given({ identity, knownHosts, hostKey }),
    ...(via.length === 0 ? {} : { hops: via.map(hopAccess) }),
  };
}

/** With a configuration a single word is the name of a profile; everything else is a place. */
function fromTarget(
  text: string,
  config: Config | undefined,
  localUser: () => string,
  sshConfig: SshConfig | undefined,
): Chosen {
  if (config !== undefined && /^[^@:.]+$/.test(text)) {
    const known = config.profiles.map(({ id }) => id).join(', ') || 'none';
    throw new X2GoError(
      'profile.unknown',
      `There is no profile ${JSON.stringify(text)}. There are: ${known}. For a host of that name say user@${text}`,
    );
  }
  if (sshConfig !== undefined) return throughSshConfig(text, sshConfig);
  return { profile: parseTarget(text, localUser) };
}
