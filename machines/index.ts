export { type GuardianEvent, type GuardianInput, guardianMachine, profileActorId } from './guardian.js';
export {
  backoff,
  defaultTiming,
  type RefreshOptions,
  type RefreshPlan,
  refreshPlan,
  type Timing,
} from './policy.js';
export type * from './ports.js';
export {
  type ProfileContext,
  type ProfileEvent,
  type ProfileInput,
  type ProfileRequest,
  profileMachine,
} from './profile.js';
export { type Evidence, evidenceOf, evidenceOfState, reconcile } from './registry.js';
export { type SessionContext, type SessionEvent, type SessionInput, sessionMachine } from './session.js';
export * from './vocabulary.js';
