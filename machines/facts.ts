/** What the guardian tells: every fact it emits, and what facts are made of. */
import type { Failure } from './failures.js';
import type { ProfileId, ProfileTag, SessionId, SessionRecord, SessionTag } from './vocabulary.js';

/** Who made a session change: this guardian, somebody else, or nobody: it was there when we first looked. */
export type Author = 'me' | 'other' | 'found';

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
