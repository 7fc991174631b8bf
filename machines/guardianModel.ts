/** What the guardian's chart knows and what it hears. */
import type { ExitPolicy } from './orders.js';
import type { RefreshPlan, Timing } from './policy.js';
import type { ProfileRequest } from './profileModel.js';
import type { OperationSettled } from './sessionModel.js';
import type { Fact, Profile, ProfileId, ProfileTag, ReportEntry } from './vocabulary.js';

export interface GuardianInput {
  readonly profiles: readonly Profile[];
  readonly plan: RefreshPlan;
  readonly timing: Timing;
  /** @default true */
  readonly watch: boolean;
  /** @default true */
  readonly identify: boolean;
  /** @default 'suspend' */
  readonly onExit?: ExitPolicy;
  /** @default true */
  readonly recover?: boolean;
  /** Whether profiles are connected as soon as they are guarded. @default true */
  readonly connect: boolean;
}
export interface GuardianContext extends Omit<GuardianInput, 'profiles'> {
  readonly profiles: Readonly<Record<ProfileId, Profile>>;
  /** Profiles whose actors have not reached their end. */
  readonly guarded: readonly ProfileId[];
  /** The state each profile reported last. */
  readonly states: Readonly<Record<ProfileId, ProfileTag>>;
  readonly reason: string;
  readonly stoppedAt: number | undefined;
  /** How long the profiles may take to close what they hold, ms. */
  readonly deadlineMs: number;
  /** What is to be told of the sessions of profiles that do not come to tell it. */
  readonly left: Readonly<Record<ProfileId, readonly ReportEntry[]>>;
  readonly report: readonly ReportEntry[];
}
export type GuardianEvent =
  | { readonly type: 'guardian.start' }
  /** `at`: on the guardian's clock. */
  | { readonly type: 'guardian.stop'; readonly reason: string; readonly at?: number }
  /** A profile needs more time for the sessions it runs than the usual deadline. */
  | {
      readonly type: 'deadline.wanted';
      readonly profile: ProfileId;
      readonly ms: number;
      /** What stands in the report of them, if even that is not enough. */
      readonly left: readonly ReportEntry[];
    }
  | OperationSettled
  | { readonly type: 'guardian.force' }
  | { readonly type: 'profile.add'; readonly profile: Profile }
  | { readonly type: 'profile.remove'; readonly profile: ProfileId }
  | { readonly type: 'profile.ask'; readonly profile: ProfileId; readonly request: ProfileRequest }
  | { readonly type: 'fact.reported'; readonly fact: Fact }
  | { readonly type: `xstate.done.actor.${string}`; readonly actorId: string; readonly output: unknown }
  | { readonly type: `xstate.error.actor.${string}`; readonly actorId: string };

/** The id of a profile's actor under the guardian. */
export const profileActorId = (profile: ProfileId): string => `profile:${profile}`;

export const initialContext = (input: GuardianInput): GuardianContext => ({
  ...input,
  profiles: Object.fromEntries(input.profiles.map((profile) => [profile.id, profile])),
  guarded: [],
  states: {},
  reason: '',
  stoppedAt: undefined,
  deadlineMs: input.timing.terminationDeadline,
  left: {},
  report: [],
});
