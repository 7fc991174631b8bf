import type { OperationId, Presentation } from '../machines/orders.js';
import type { TunnelName } from '../machines/sessionPorts.js';
import type { Hop, Profile, ProfileId, SessionId } from '../machines/vocabulary.js';
import type { Clock } from './clock.js';
import type { Journal } from './journal/journal.js';
import type { Scope } from './scope.js';
import type { Answers } from './ssh/answers.js';
import type { Connection } from './ssh/connection.js';
import type { Credentials } from './ssh/credentials.js';
import type { RefusedSecrets } from './ssh/refusedSecrets.js';

/** How the host keys of one profile are checked. */
export interface HostKeyRules {
  readonly mode: 'strict' | 'ask' | 'accept-new';
  /** known_hosts files; new keys go into the first. */
  readonly files: readonly string[];
  /** Asked in mode `ask` when a host is unknown; only `true` accepts. */
  readonly ask?: (question: { readonly host: string; readonly message: string }) => Promise<boolean>;
}

/** A viewer of the app's own, in place of nxproxy. */
export type Viewer = (request: ViewerRequest) => ViewerRun;
export interface ViewerRequest {
  readonly profile: ProfileId;
  readonly session: SessionId;
  readonly display: number;
  /** Where to connect to, on 127.0.0.1, once. */
  readonly port: number;
  /** The session's secret. */
  readonly cookie: string;
  readonly presentation: Presentation;
}
export interface ViewerRun {
  /** The process that connects: nobody else's connection is let in. @default this process, or a child of it */
  readonly pid?: number;
  /** When the picture is there. A rejection: it will never be. */
  readonly up: Promise<void>;
  /** When it has ended, asked to or not. */
  readonly ended: Promise<void>;
  /** Asks it to end; aborted: at once. */
  end(hurry: AbortSignal): void;
}

/** What rides on a reverse forwarding tunnel, and where it leads here. */
export interface Rider {
  /** Looks for the local end. Throws what is missing: sound.missing, file.unreadable. */
  prepare(place: RiderPlace): Promise<Ride>;
}
export interface RiderPlace {
  /** The port on the server's loopback where the session's programs will connect to. */
  readonly serverPort: number;
  /** The session's folder on the server, absolute. */
  readonly folder: string;
}
export interface Ride {
  /** Each channel is connected to this. */
  readonly to: { readonly path: string } | { readonly host: string; readonly port: number };
  /**
   * The first bytes of every channel, looked at before anything here hears of it: the server's port is open to all its
   * users, and a local socket trusts us.
   */
  readonly opening?: {
    readonly length: number;
    /** What to say here in their place; undefined lets nobody in. */
    readonly admit: (first: Buffer) => Buffer | undefined;
  };
  /** Files for the session's folder, mode 0600, written before the tunnel counts as open. Their contents are secrets. */
  readonly files: readonly { readonly name: string; readonly content: Buffer }[];
}

/** Everything outside the charts that an actor may touch: one per guardian, nothing global. */
export interface World {
  readonly clock: Clock;
  /** Ms since boot, sleep included, which no clock step moves: only to notice that the machine slept. */
  readonly sinceBoot: () => number;
  readonly chance: () => number;
  readonly scope: Scope;
  readonly connections: Map<ProfileId, Connection>;
  /** Called at every attempt, for the profile or one of its hops; what it returns stays in the transport's closure. */
  readonly credentialsOf: (profile: ProfileId, hop?: Hop) => Promise<Credentials>;
  /** What people were asked for and answered, until the profile is disconnected. Secrets. */
  readonly answers: Map<ProfileId, Answers>;
  /** Which secrets are not to be sent again. */
  readonly refusals: RefusedSecrets;
  readonly hostKeysOf: (profile: ProfileId, hop?: Hop) => HostKeyRules;
  readonly profileOf: (profile: ProfileId) => Profile;
  /** What a kill -9 of us would leave behind, on disk. */
  readonly journal: Journal;
  /** The sessions' cookies, by sessionKey: learned from a start or a listing. */
  readonly cookies: Map<string, string>;
  /** The process that shows a session, by sessionKey: the graphics tunnel is for it alone. */
  readonly viewers: Map<string, number>;
  /** Under which marker a start runs on the server. */
  readonly starts: Map<OperationId, string>;
  /** By sessionKey: to be terminated only while nobody uses them, which the server looks at last. */
  readonly unlessUsed: Set<string>;
  /** An app's own viewer. @default nxproxy */
  readonly viewer: Viewer | undefined;
  readonly riders: Readonly<Record<Exclude<TunnelName, 'graphics'>, Rider>>;
}
