/** What the charts need from the world: one logic type per actor that src/assemble.ts must supply. */
import {
  type CallbackActorLogic,
  type EventObject,
  fromCallback,
  fromPromise,
  type PromiseActorLogic,
} from 'xstate';
import type {
  AgentState,
  Desktop,
  Failure,
  Mount,
  Profile,
  ProfileId,
  ReportEntry,
  ServerIdentity,
  SessionId,
  SessionRecord,
  SkippedRow,
} from './vocabulary.js';

export type Outcome<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly failure: Failure };

/** One SSH transport, alive as long as its actor. */
export type TransportPort = CallbackActorLogic<TransportRequest, TransportInput>;
export interface TransportInput {
  readonly profile: Profile;
  readonly attempt: number;
  readonly degradedAfterMs: number;
}
/** Ask the line for a sign of life at once. */
export type TransportRequest = { readonly type: 'ssh.probe' };
export type TransportFact =
  | { readonly type: 'ssh.ready' }
  | { readonly type: 'ssh.silent'; readonly silentMs: number }
  | { readonly type: 'ssh.heard' }
  /** `chance` in [0, 1) spreads the reconnects of many profiles. */
  | { readonly type: 'ssh.lost'; readonly failure: Failure; readonly chance: number };

/** One combined listing. It never rejects: failures are part of the answer. */
export type SurveyPort = PromiseActorLogic<SurveyAnswer, SurveyInput>;
export interface SurveyInput {
  readonly profile: ProfileId;
  readonly identity: boolean;
  readonly sessions: boolean;
  readonly mounts: boolean;
  /** Whether shadow sessions are listed too, at the cost of another 0.1 s of the server's CPU time. */
  readonly shadows: boolean;
  readonly agents: readonly number[];
  readonly deadlineMs: number;
}
export interface SurveyAnswer {
  /** On the guardian's monotonic clock, ms. */
  readonly at: number;
  readonly tookMs: number;
  readonly identity?: Outcome<ServerIdentity>;
  readonly listing?: Outcome<Listing>;
}
export interface Listing {
  readonly sessions: readonly SessionRecord[];
  readonly skipped: readonly SkippedRow[];
  /** The agents' state files, where one could be read. */
  readonly states: Readonly<Record<SessionId, AgentState>>;
  /** Agents whose process is alive, or not; an agent that was not looked for is in neither. */
  readonly alive: readonly number[];
  readonly gone: readonly number[];
  readonly mounts?: readonly Mount[];
}

export type DesktopsPort = PromiseActorLogic<DesktopsAnswer, DesktopsInput>;
export interface DesktopsInput {
  readonly profile: ProfileId;
  readonly deadlineMs: number;
}
export interface DesktopsAnswer {
  readonly at: number;
  readonly tookMs: number;
  readonly listing: Outcome<{
    readonly desktops: readonly Desktop[];
    readonly skipped: readonly SkippedRow[];
  }>;
}

/** The long-lived channel that reports what agents do. */
export type WatchPort = CallbackActorLogic<WatchRequest, WatchInput>;
export interface WatchInput {
  readonly profile: ProfileId;
  readonly idlePaceMs: number;
  readonly busyPaceMs: number;
}
export type WatchRequest = { readonly type: 'watch.agents'; readonly agents: readonly number[] };
export type WatchFact =
  | { readonly type: 'watch.opened' }
  | {
      readonly type: 'watch.changed';
      readonly states: Readonly<Record<SessionId, AgentState>>;
      readonly gone: readonly number[];
      /** On the guardian's monotonic clock, ms. */
      readonly at?: number;
    }
  | { readonly type: 'watch.failed'; readonly failure: Failure };

/** The beat of one profile, on the monotonic clock without drift. */
export type MetronomePort = CallbackActorLogic<EventObject, MetronomeInput>;
export interface MetronomeInput {
  readonly profile: ProfileId;
  readonly intervalMs: number;
  readonly offsetMs: number;
}
export type MetronomeFact =
  | { readonly type: 'clock.ticked'; readonly at: number }
  /** More time passed than a timer can explain: the machine slept, or we were stopped. */
  | { readonly type: 'clock.woke'; readonly gapMs: number };

/** Disposes of what is still open: of one profile, or of everything without waiting. It never rejects. */
export type ReleasePort = PromiseActorLogic<readonly ReportEntry[], ReleaseInput>;
export interface ReleaseInput {
  /** Absent: of all profiles. */
  readonly profile?: ProfileId;
  /** Only what shows this session. */
  readonly session?: SessionId;
  /** settle: the profile lives on. close: for the last time. force: for the last time, and without waiting. */
  readonly how: 'settle' | 'close' | 'force';
}

/** Stands in for a port until src/assemble.ts provides the real one; a test finds those that were forgotten. */
const unprovided = (port: string): never => {
  throw new Error(`the port ${port} was not provided`);
};
export const placeholders = {
  transport: fromCallback(() => unprovided('transport')) as unknown as TransportPort,
  survey: fromPromise(async () => unprovided('survey')) as unknown as SurveyPort,
  desktops: fromPromise(async () => unprovided('desktops')) as unknown as DesktopsPort,
  watch: fromCallback(() => unprovided('watch')) as unknown as WatchPort,
  metronome: fromCallback(() => unprovided('metronome')) as unknown as MetronomePort,
  release: fromPromise(async () => unprovided('release')) as unknown as ReleasePort,
  profile: fromPromise(async () => unprovided('profile')),
};
