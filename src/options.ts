import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { ExitPolicy } from '../machines/orders.js';
import { defaultTiming, noRefresh, type RefreshOptions, type Timing } from '../machines/policy.js';
import type { Hop, Profile } from '../machines/vocabulary.js';
import type { Clock } from './clock.js';
import { X2GoError } from './errors.js';
import type { Inspect } from './inspection/inspection.js';
import type { Credentials } from './ssh/credentials.js';
import type { HostKeyRules, Viewer } from './world.js';

export interface GuardianOptions extends Partial<RefreshOptions> {
  /** @default none; addProfile() adds more */
  readonly profiles?: readonly Profile[];
  /** Asked at every login. What it returns is held only as long as the login takes. @default the user's keys and agent */
  readonly credentials?: {
    of(profile: Profile): Promise<Credentials> | Credentials;
    /** Those for a hop on the way: a secret of the profile's is never shown to one. @default the user's keys and agent */
    ofHop?(hop: Hop, profile: Profile): Promise<Credentials> | Credentials;
  };
  /** For a hop too. @default { mode: 'strict', files: [~/.ssh/known_hosts, /etc/ssh/ssh_known_hosts] } */
  readonly hostKeys?: Partial<HostKeyRules> | ((profile: Profile, hop?: Hop) => Partial<HostKeyRules>);
  /** The tick, in ms. @default 5_000 */
  readonly refreshInterval?: number;
  /** A full listing although the state watch saw no change, in ms. @default 60_000 */
  readonly reconcileInterval?: number;
  /** The other times, in ms. */
  readonly timing?: Partial<Timing>;
  /** Learn of changes within a second, by a small loop on each server. @default true */
  readonly stateWatch?: boolean;
  /** Ask each server for its features and versions at connect. @default true */
  readonly identifyServers?: boolean;
  /** Connect profiles when the guardian starts, or when they are added. @default true */
  readonly autoConnect?: boolean;
  /** What becomes of the sessions this guardian runs when it ends. Sessions of others are never touched. @default 'suspend' */
  readonly onExit?: ExitPolicy;
  /** Bring a session back when its line or its viewer broke. @default true */
  readonly recoverSessions?: boolean;
  /** A viewer of the app's own, in place of nxproxy. @default nxproxy */
  readonly viewer?: Viewer;
  /**
   * Where is noted what a kill -9 would leave; what an earlier one left is ended at start(). false: nowhere.
   * @default $XDG_STATE_HOME/x2go-guardian
   */
  readonly journal?: string | false;
  /** End on SIGINT, SIGTERM and SIGHUP; a second signal forces. @default false */
  readonly handleSignals?: boolean;
  /** @default a pino logger on stderr at `logLevel` */
  readonly logger?: Logger;
  /** pino's levels, or python-x2go's numbers: 56 is 'info'. @default 'silent' without a logger */
  readonly logLevel?: string | number;
  /** XState's own inspection of all actors, untouched: for its inspector. What it throws is logged and goes no further. */
  readonly inspect?: Inspect;
  /** For tests: a simulated clock reaches every timer but ssh2's own. @default the monotonic clock */
  readonly clock?: Clock;
  /** For tests: ms since boot, sleep included. @default os.uptime */
  readonly sinceBoot?: () => number;
  /** For tests: numbers in [0, 1). @default Math.random */
  readonly chance?: () => number;
}

export const flagsOf = (options: GuardianOptions): RefreshOptions => ({
  autoUpdateListSessionsCache: options.autoUpdateListSessionsCache ?? noRefresh.autoUpdateListSessionsCache,
  autoUpdateListDesktopsCache: options.autoUpdateListDesktopsCache ?? noRefresh.autoUpdateListDesktopsCache,
  autoUpdateListMountsCache: options.autoUpdateListMountsCache ?? noRefresh.autoUpdateListMountsCache,
  autoUpdateSessionRegistry: options.autoUpdateSessionRegistry ?? noRefresh.autoUpdateSessionRegistry,
  autoRegisterSessions: options.autoRegisterSessions ?? noRefresh.autoRegisterSessions,
  skipPublishedSessions: options.skipPublishedSessions ?? noRefresh.skipPublishedSessions,
});

/** Throws config.invalid for a time that is none. */
export function timingOf(options: GuardianOptions): Timing {
  const { refreshInterval, reconcileInterval } = options;
  const timing: Timing = {
    ...defaultTiming,
    ...options.timing,
    ...(refreshInterval === undefined ? {} : { refreshInterval }),
    ...(reconcileInterval === undefined ? {} : { reconcileInterval }),
  };
  for (const [name, ms] of Object.entries(timing)) {
    if (!Number.isFinite(ms) || ms < 1) {
      throw new X2GoError('config.invalid', `${name} must be a number of milliseconds above 0, not ${ms}`);
    }
  }
  return timing;
}

export function hostKeysOf(options: GuardianOptions, profile: Profile, hop?: Hop): HostKeyRules {
  const { hostKeys } = options;
  const given = typeof hostKeys === 'function' ? hostKeys(profile, hop) : hostKeys;
  const files = [join(homedir(), '.ssh', 'known_hosts'), '/etc/ssh/ssh_known_hosts'];
  return { mode: 'strict', files, ...given };
}

/** What the app gives for a profile, or for a hop on its way; else what ssh uses. */
export async function credentialsOf(
  { credentials }: GuardianOptions,
  profile: Profile,
  hop?: Hop,
): Promise<Credentials> {
  const given = hop === undefined ? credentials?.of(profile) : credentials?.ofHop?.(hop, profile);
  return (await given) ?? usualCredentials();
}

/** What ssh uses when it is told nothing: the agent, and the keys of the usual names. */
export function usualCredentials(): Credentials {
  const names = ['id_ed25519', 'id_ecdsa', 'id_rsa'];
  const agent = process.env.SSH_AUTH_SOCK;
  return {
    defaultIdentities: names.map((name) => join(homedir(), '.ssh', name)),
    ...(agent === undefined || agent === '' ? {} : { agent }),
  };
}
