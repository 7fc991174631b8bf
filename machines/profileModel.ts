/** What a profile's chart knows and what it hears. */
import type { RefreshPlan, Timing } from './policy.js';
import type { MetronomeFact, TransportFact, WatchFact } from './ports.js';
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

export interface ProfileInput {
  readonly profile: Profile;
  readonly plan: RefreshPlan;
  readonly timing: Timing;
  /** Whether a state watch is wanted. @default true */
  readonly watch: boolean;
  /** Whether features and versions are asked at connect. @default true */
  readonly identify: boolean;
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
  | { readonly type: 'profile.disconnect' }
  | { readonly type: 'profile.terminate' }
  | { readonly type: 'refresh.wanted' }
  | { readonly type: 'registration.pause' }
  | { readonly type: 'registration.resume' };
export type ProfileEvent =
  | ProfileRequest
  | TransportFact
  | MetronomeFact
  | WatchFact
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
