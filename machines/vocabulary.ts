/** The words every part of the guardian shares. Plain readonly data: no class, no clock, no secret. */

export type ProfileId = string;
export type SessionId = string;

/** A session profile: where to connect and as whom. Credentials are not part of it. */
export interface Profile {
  readonly id: ProfileId;
  readonly host: string;
  /** @default 22 */
  readonly port?: number;
  readonly user: string;
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

/** Who made a session change: this guardian, somebody else, or nobody: it was there when we first looked. */
export type Author = 'me' | 'other' | 'found';

/**
 * Every failure by code: whether waiting and trying again can help, and the command's exit code
 * (sysexits where one fits).
 */
export const failureTable = {
  'ssh.refused': { retryable: true, exit: 69 },
  'ssh.unreachable': { retryable: true, exit: 69 },
  'ssh.unresolved': { retryable: true, exit: 69 },
  'ssh.timedOut': { retryable: true, exit: 69 },
  'ssh.closed': { retryable: true, exit: 69 },
  'ssh.silent': { retryable: true, exit: 69 },
  'ssh.throttled': { retryable: true, exit: 69 },
  'ssh.handshake': { retryable: true, exit: 69 },
  'ssh.algorithms': { retryable: false, exit: 69 },
  'hostKey.unknown': { retryable: false, exit: 76 },
  'hostKey.changed': { retryable: false, exit: 76 },
  'hostKey.revoked': { retryable: false, exit: 76 },
  'hostKey.unchecked': { retryable: false, exit: 76 },
  'auth.refused': { retryable: false, exit: 77 },
  'auth.noMethod': { retryable: false, exit: 77 },
  'auth.passwordExpired': { retryable: false, exit: 77 },
  'auth.identity': { retryable: false, exit: 77 },
  'channel.refused': { retryable: true, exit: 69 },
  'command.timedOut': { retryable: true, exit: 75 },
  'command.tooLong': { retryable: true, exit: 65 },
  'command.failed': { retryable: true, exit: 65 },
  'command.garbled': { retryable: true, exit: 65 },
  'command.aborted': { retryable: true, exit: 1 },
  'shell.unusable': { retryable: false, exit: 65 },
  'x2go.missing': { retryable: false, exit: 65 },
  'release.forced': { retryable: false, exit: 70 },
  'session.orphaned': { retryable: false, exit: 70 },
  'session.left': { retryable: false, exit: 70 },
  'session.unknown': { retryable: false, exit: 66 },
  'session.ended': { retryable: false, exit: 66 },
  'session.limit': { retryable: true, exit: 79 },
  'session.denied': { retryable: false, exit: 79 },
  'session.notAllowed': { retryable: false, exit: 79 },
  'session.takenOver': { retryable: true, exit: 79 },
  'session.locked': { retryable: true, exit: 75 },
  'desktop.unknown': { retryable: false, exit: 66 },
  'agent.failed': { retryable: true, exit: 79 },
  'command.notFound': { retryable: false, exit: 79 },
  'order.invalid': { retryable: false, exit: 2 },
  'proxy.missing': { retryable: false, exit: 72 },
  'proxy.failed': { retryable: true, exit: 69 },
  'proxy.unstable': { retryable: true, exit: 69 },
  'proxy.stalled': { retryable: true, exit: 69 },
  'screen.missing': { retryable: false, exit: 72 },
  'tunnel.denied': { retryable: false, exit: 79 },
  'tunnel.portTaken': { retryable: true, exit: 79 },
  'tunnel.unused': { retryable: true, exit: 69 },
  'tunnel.failed': { retryable: true, exit: 69 },
  'sound.missing': { retryable: false, exit: 72 },
  'profile.unknown': { retryable: false, exit: 66 },
  'profile.duplicate': { retryable: false, exit: 78 },
  'config.invalid': { retryable: false, exit: 78 },
  'file.unreadable': { retryable: false, exit: 74 },
  'file.unwritable': { retryable: false, exit: 74 },
  'local.exhausted': { retryable: true, exit: 74 },
  'usage.invalid': { retryable: false, exit: 2 },
  'guardian.terminated': { retryable: false, exit: 1 },
  'call.timedOut': { retryable: true, exit: 75 },
  'call.aborted': { retryable: true, exit: 1 },
  unexpected: { retryable: false, exit: 1 },
} as const satisfies Record<string, { retryable: boolean; exit: number }>;
export type FailureCode = keyof typeof failureTable;

/** What went wrong, as data: it travels in events, snapshots and NDJSON lines. No secret in it. */
export interface Failure {
  readonly code: FailureCode;
  readonly message: string;
  readonly retryable: boolean;
}

/** What became of one resource when it was released. */
export interface ReportEntry {
  readonly kind:
    | 'profile'
    | 'transport'
    | 'channel'
    | 'watch'
    | 'timer'
    | 'listener'
    | 'forward'
    | 'child'
    | 'directory'
    | 'session';
  readonly id: string;
  /** closed: politely. cut: the line was dead, our end is closed. forced: ended without waiting. failed: not known to be gone. */
  readonly outcome: 'closed' | 'cut' | 'forced' | 'failed';
  readonly tookMs: number;
  readonly failure?: string;
}

export type CacheName = 'sessions' | 'desktops' | 'mounts';
export type CacheSource = 'listing' | 'watch';

/** A cached answer. `at` is on the guardian's monotonic clock, in ms. */
export interface Cached<T> {
  readonly value: T;
  readonly at: number;
  readonly source: CacheSource;
}

/** What a listing shows of a session. */
export type SessionDetails = Pick<
  SessionRecord,
  'kind' | 'command' | 'display' | 'server' | 'client' | 'createdAt' | 'changedAt' | 'ageSeconds'
>;

interface ProfileFact<State extends ProfileTag> {
  readonly profile: ProfileId;
  readonly state: State;
  readonly from: ProfileTag;
}
interface SessionFact {
  readonly profile: ProfileId;
  readonly session: SessionId;
  readonly state: SessionTag;
  readonly from: SessionTag;
  readonly by: Author;
}

interface TunnelAbout {
  readonly profile: ProfileId;
  readonly session: SessionId;
  readonly tunnel: 'graphics' | 'sound';
}
interface ProxyAbout {
  readonly profile: ProfileId;
  readonly session: SessionId;
}

/** The way to a session on the screen, in its order. */
export const sessionPhases = ['agent', 'tunnel', 'proxy', 'picture', 'command'] as const;
export type SessionPhase = (typeof sessionPhases)[number];

/** What the guardian emits: past tense, facts only. The facade adds the time. */
export type Fact =
  | { readonly type: 'guardian.started'; readonly profiles: readonly ProfileId[] }
  | { readonly type: 'guardian.terminating'; readonly reason: string }
  | { readonly type: 'guardian.terminated'; readonly report: readonly ReportEntry[] }
  | ({
      readonly type: 'profile.connecting';
      readonly attempt: number;
      readonly retryInMs: number;
    } & ProfileFact<'connecting'>)
  | ({
      readonly type: 'profile.connected';
      readonly features: readonly string[];
      readonly versions: Readonly<Record<string, string>>;
    } & ProfileFact<'connected'>)
  | ({ readonly type: 'profile.degraded'; readonly silentMs: number } & ProfileFact<'degraded'>)
  | ({ readonly type: 'profile.recovered' } & ProfileFact<'connected'>)
  | ({
      readonly type: 'profile.lost';
      readonly failure: Failure;
      readonly attempt: number;
      readonly retryInMs: number;
    } & ProfileFact<'lost'>)
  | ({ readonly type: 'profile.failed'; readonly failure: Failure } & ProfileFact<'failed'>)
  | ({ readonly type: 'profile.disconnected' } & ProfileFact<'disconnected'>)
  | {
      readonly type: 'cache.refreshed';
      readonly profile: ProfileId;
      readonly cache: CacheName;
      readonly source: CacheSource;
      readonly counts: Readonly<Record<string, number>>;
      readonly tookMs: number;
      readonly skippedRows: number;
    }
  | {
      readonly type: 'cache.failed';
      readonly profile: ProfileId;
      readonly cache: CacheName;
      readonly failure: Failure;
    }
  | ({ readonly type: 'session.registered' } & SessionDetails & SessionFact)
  /** `session` as soon as it has a name. */
  | {
      readonly type: 'session.progress';
      readonly profile: ProfileId;
      readonly session?: SessionId;
      readonly operation: string;
      readonly phase: SessionPhase;
      readonly percent: number;
    }
  /** Of our own: how long it took from the request, in all and by phase. */
  | ({
      readonly type: 'session.started';
      readonly tookMs?: number;
      readonly phases?: Readonly<Partial<Record<SessionPhase, number>>>;
    } & SessionFact)
  | ({ readonly type: 'session.resumed' } & SessionFact)
  | ({ readonly type: 'session.recovering'; readonly failure: Failure } & SessionFact)
  | ({ readonly type: 'session.suspended'; readonly failure?: Failure } & SessionFact)
  | ({ readonly type: 'session.terminated'; readonly reason: 'ended' | 'agentGone' } & SessionFact)
  | ({ readonly type: 'session.failed'; readonly failure: Failure } & Omit<SessionFact, 'session'> & {
        /** Absent: it failed before it had a name. */
        readonly session?: SessionId;
      })
  | ({ readonly type: 'tunnel.opened'; readonly port: number } & TunnelAbout)
  | ({ readonly type: 'tunnel.stalled'; readonly forMs: number } & TunnelAbout)
  | ({
      readonly type: 'tunnel.closed';
      readonly sent: number;
      readonly received: number;
      readonly refused: number;
    } & TunnelAbout)
  | ({ readonly type: 'tunnel.failed'; readonly failure: Failure } & TunnelAbout)
  | ({ readonly type: 'proxy.started'; readonly pid: number } & ProxyAbout)
  | ({ readonly type: 'proxy.stalled'; readonly forMs: number } & ProxyAbout)
  | ({ readonly type: 'proxy.exited'; readonly how: string; readonly failure?: Failure } & ProxyAbout)
  /** What a killed run left, and what became of it. A session is only told of: adopt it or end it. */
  | {
      readonly type: 'reap.ended';
      readonly kind: 'child' | 'directory' | 'session';
      readonly id: string;
      readonly outcome: 'ended' | 'gone' | 'left' | 'failed';
      readonly profile?: ProfileId;
      readonly failure?: string;
    };

export type FactType = Fact['type'];
