/** What a profile's chart knows and what it hears. */
import type { ExitPolicy, OperationId, Presentation, SessionOrder } from './orders.js';
import type { RefreshPlan, Timing } from './policy.js';
import type { MetronomeFact, TransportFact, WatchFact } from './ports.js';
import type { SessionNews, Wanted } from './sessionModel.js';
import type {
  Cached,
  Desktop,
  Fact,
  Failure,
  ListedSession,
  Mount,
  Profile,
  ProfileTag,
  ReportEntry,
  ServerIdentity,
  SessionId,
  SessionRecord,
} from './vocabulary.js';

export interface AskedSession {
  readonly operation: OperationId;
  readonly session: SessionId;
  readonly wanted: Wanted;
  readonly presentation?: Presentation;
}

export interface ProfileInput {
  readonly profile: Profile;
  readonly plan: RefreshPlan;
  readonly timing: Timing;
  /** Whether a state watch is wanted. @default true */
  readonly watch: boolean;
  /** Whether features and versions are asked at connect. @default true */
  readonly identify: boolean;
  /** What becomes of the sessions we run when the profile ends. @default 'suspend' */
  readonly onExit?: ExitPolicy;
  /** Whether sessions we run are brought back when their line or viewer broke. @default true */
  readonly recover?: boolean;
  /** Where in the interval this profile's tick falls. */
  readonly offsetMs: number;
}
export interface ProfileContext extends ProfileInput {
  readonly state: ProfileTag;
  /** Attempts since the line was last stable; 0 while it is. */
  readonly attempt: number;
  /** Waits since the line was last stable: each is longer than the one before. */
  readonly waits: number;
  readonly retryInMs: number;
  readonly failure: Failure | undefined;
  readonly identity: ServerIdentity | undefined;
  readonly known: Readonly<Record<SessionId, SessionRecord>>;
  /** The actors of sessions that were started before they had a name, by that name. The others are called as their sessions. */
  readonly named: Readonly<Record<SessionId, string>>;
  /** Actors of starts that have no name yet. */
  readonly unnamed: readonly string[];
  /** Actors of starts that have a name and no picture yet, or only just one, with the ticks since. */
  readonly fresh: Readonly<Record<string, number>>;
  /** Actors of starts and resumes that have no picture yet: they cannot be suspended, or take their time. */
  readonly pictureless: readonly string[];
  /** Actors of the sessions we run. */
  readonly own: readonly string[];
  /** Requests for sessions that are not registered: a listing tells whether they exist. */
  readonly asked: readonly AskedSession[];
  /** What comes after the sessions we run have been seen to. */
  readonly ending: 'disconnected' | 'terminating' | undefined;
  /** Whether a line is wanted as soon as the one before is closed. */
  readonly again: boolean;
  /** When that was asked for, and when anything was heard last, on the guardian's clock. */
  readonly endingAt: number;
  readonly now: number;
  readonly ended: readonly SessionId[];
  /** Whether a listing ever came: what it showed was found, what comes later is somebody's doing. */
  readonly listed: boolean;
  readonly unsettled: boolean;
  /** Whether the listing now or next leaves the shadow sessions out. */
  readonly lean: boolean;
  readonly registering: boolean;
  readonly refreshAgain: boolean;
  /** Sessions that the last listing did not show although their agents live. */
  readonly unlisted: readonly SessionId[];
  /** Sessions the state watch spoke of while a listing was on its way: what that listing shows of them is older. */
  readonly observed: readonly SessionId[];
  readonly watchLive: boolean;
  readonly sessions: Cached<readonly ListedSession[]> | undefined;
  readonly desktops: Cached<readonly Desktop[]> | undefined;
  readonly mounts: Cached<readonly Mount[]> | undefined;
  readonly report: readonly ReportEntry[];
}

export type ProfileRequest =
  | { readonly type: 'profile.connect' }
  | { readonly type: 'profile.disconnect'; readonly at?: number }
  | { readonly type: 'profile.terminate'; readonly at?: number }
  | {
      readonly type: 'session.start';
      readonly operation: OperationId;
      readonly order: SessionOrder;
      readonly at: number;
    }
  | ({ readonly type: 'session.request' } & AskedSession)
  | { readonly type: 'operation.abandon'; readonly operation: OperationId }
  | { readonly type: 'refresh.wanted' }
  | { readonly type: 'registration.pause' }
  | { readonly type: 'registration.resume' };
export type ProfileEvent =
  | ProfileRequest
  | TransportFact
  | MetronomeFact
  | WatchFact
  | SessionNews
  | { readonly type: 'fact.reported'; readonly fact: Fact };

export type ChildEvent =
  | { readonly type: `xstate.done.actor.${string}`; readonly actorId: string }
  | { readonly type: `xstate.error.actor.${string}`; readonly actorId: string };

export const initialContext = (input: ProfileInput): ProfileContext => ({
  ...input,
  state: 'disconnected',
  attempt: 0,
  waits: 0,
  retryInMs: 0,
  failure: undefined,
  identity: undefined,
  known: {},
  named: {},
  unnamed: [],
  fresh: {},
  pictureless: [],
  own: [],
  asked: [],
  ending: undefined,
  again: false,
  endingAt: 0,
  now: 0,
  ended: [],
  listed: false,
  unsettled: false,
  lean: false,
  registering: true,
  refreshAgain: false,
  unlisted: [],
  observed: [],
  watchLive: false,
  sessions: undefined,
  desktops: undefined,
  mounts: undefined,
  report: [],
});
