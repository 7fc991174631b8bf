import type { ProfileId } from '../machines/vocabulary.js';
import type { Clock } from './clock.js';
import type { Scope } from './scope.js';
import type { Connection } from './ssh/connection.js';
import type { Credentials } from './ssh/credentials.js';

/** How the host keys of one profile are checked. */
export interface HostKeyRules {
  readonly mode: 'strict' | 'ask' | 'accept-new';
  /** known_hosts files; new keys go into the first. */
  readonly files: readonly string[];
  /** Asked in mode `ask` when a host is unknown; only `true` accepts. */
  readonly ask?: (question: { readonly host: string; readonly message: string }) => Promise<boolean>;
}

/** Everything outside the charts that an actor may touch: one per guardian, nothing global. */
export interface World {
  readonly clock: Clock;
  /** Ms since boot, sleep included, which no clock step moves: only to notice that the machine slept. */
  readonly sinceBoot: () => number;
  readonly chance: () => number;
  readonly scope: Scope;
  readonly connections: Map<ProfileId, Connection>;
  /** Called at every attempt; what it returns stays in the transport's closure. */
  readonly credentialsOf: (profile: ProfileId) => Promise<Credentials>;
  readonly hostKeysOf: (profile: ProfileId) => HostKeyRules;
}
