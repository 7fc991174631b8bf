/** What the guardian's chart knows and what it hears. */
import type { RefreshPlan, Timing } from './policy.js';
import type { ProfileRequest } from './profileModel.js';
import type { Fact, Profile, ProfileId, ProfileTag, ReportEntry } from './vocabulary.js';

export interface GuardianInput {
  readonly profiles: readonly Profile[];
  readonly plan: RefreshPlan;
  readonly timing: Timing;
  /** @default true */
  readonly watch: boolean;
  /** @default true */
  readonly identify: boolean;
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
  readonly report: readonly ReportEntry[];
}
export type GuardianEvent =
  | { readonly type: 'guardian.start' }
  | { readonly type: 'guardian.stop'; readonly reason: string }
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
  report: [],
});
