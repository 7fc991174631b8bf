/** The words every part of the guardian shares. Plain readonly data: no class, no clock, no secret. */

export * from './facts.js';
export * from './failures.js';

export type ProfileId = string;
export type SessionId = string;

/** A session profile: where to connect and as whom. Credentials are not part of it. */
export interface Profile {
  readonly id: ProfileId;
  readonly host: string;
  /** @default 22 */
  readonly port?: number;
  readonly user: string;
  /** The hosts on the way there, nearest to us first. @default none: straight there */
  readonly via?: readonly Hop[];
  /** Under which name the host key is looked up, as ssh's HostKeyAlias. @default the host and its port */
  readonly hostKeyAlias?: string;
  /** How long the whole way to a login may take, in ms, questions to a person not counted. @default 15_000 */
  readonly connectTimeout?: number;
  /** Rest between two signs of life asked of the server while nothing comes, in ms, as ssh's ServerAliveInterval. @default 3_000 */
  readonly aliveInterval?: number;
  /** How many of them may go unanswered, as ssh's ServerAliveCountMax. @default 3 */
  readonly aliveCountMax?: number;
}

/** One stop on the way to a host. Credentials are not part of it. */
export type Hop = SshHop | HttpHop;
/** An SSH server that leads on, by a channel. It has a login and a host key of its own. */
export interface SshHop {
  readonly kind?: 'ssh';
  readonly host: string;
  /** @default 22 */
  readonly port?: number;
  readonly user: string;
  readonly hostKeyAlias?: string;
  /** As the profile's, for the line to this hop. */
  readonly aliveInterval?: number;
  readonly aliveCountMax?: number;
}
/** An HTTP proxy that leads on, by CONNECT. It can only be the first stop. */
export interface HttpHop {
  readonly kind: 'http';
  readonly host: string;
  /** @default 8080 */
  readonly port?: number;
  /** With a password from the credentials: Basic authentication. */
  readonly user?: string;
}

export type SessionKind = 'application' | 'desktop' | 'published' | 'shadow' | 'kdrive';

/** The graphics, sound and file-sharing ports an agent was given, on the server's loopback. */
export interface AgentPorts {
  readonly graphics: number;
  readonly sound: number;
  readonly files: number;
}

/** The database's one-letter status: running, suspended, finished, to be terminated. */
export type ListedStatus = 'R' | 'S' | 'F' | 'T';

/** One row of x2golistsessions or x2golistshadowsessions, without its cookie, which is a secret. */
export interface SessionRecord {
  readonly session: SessionId;
  readonly kind: SessionKind;
  readonly user: string;
  readonly command: string;
  readonly display: number;
  /** The host name the server gives itself. Shown, never connected to. */
  readonly server: string;
  readonly status: ListedStatus;
  /** Address of the client at the start or the last resume. */
  readonly client: string;
  /** Server's local time, without a zone. */
  readonly createdAt: string;
  /** Server's local time of the last status change, without a zone. */
  readonly changedAt: string;
  readonly ageSeconds: number;
  /** Absent while the agent is being started. */
  readonly agentPid?: number;
  readonly ports?: AgentPorts;
}

/** A listed session with the state that the listing and its agent's state file add up to. */
export interface ListedSession extends SessionRecord {
  readonly state: SessionTag;
}

/** What an agent writes into its state file (C-SID/state). */
export const agentStates = [
  'STARTING',
  'RUNNING',
  'SUSPENDING',
  'SUSPENDED',
  'RESUMING',
  'TERMINATING',
  'TERMINATED',
] as const;
export type AgentState = (typeof agentStates)[number];

/** A row that was not understood: it is counted and reported and never counts as a departure. */
export interface SkippedRow {
  readonly reason: string;
  readonly line: string;
}

/** A desktop of x2golistdesktops that can be shared. */
export interface Desktop {
  readonly user: string;
  readonly display: number;
}

/** A folder of the client that is mounted in a session. */
export interface Mount {
  readonly session: SessionId;
  readonly client: string;
  /** A path on the server. Shown, never used as a local path. */
  readonly mountpoint: string;
}

/** What a server says of itself at connect. */
export interface ServerIdentity {
  readonly features: readonly string[];
  readonly versions: Readonly<Record<string, string>>;
  readonly home: string;
}

/** Each state carries exactly one of these tags; consumers ask by tag. */
export const guardianTags = ['idle', 'guarding', 'terminating', 'terminated'] as const;
export type GuardianTag = (typeof guardianTags)[number];

export const profileTags = [
  'disconnected',
  'connecting',
  'connected',
  'degraded',
  'lost',
  'waitingToRetry',
  'failed',
  'terminating',
  'terminated',
] as const;
export type ProfileTag = (typeof profileTags)[number];

export const sessionTags = [
  'virgin',
  'starting',
  'running',
  'recovering',
  'suspending',
  'suspended',
  'resuming',
  'terminating',
  'terminated',
  'faulty',
] as const;
export type SessionTag = (typeof sessionTags)[number];
