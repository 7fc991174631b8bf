export {
  type AttachmentContext,
  type AttachmentEvent,
  type AttachmentInput,
  attachmentMachine,
} from './attachment.js';
export { charts } from './charts.js';
export { type GuardianEvent, type GuardianInput, guardianMachine, profileActorId } from './guardian.js';
export type * from './orders.js';
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
export { type ProxyContext, type ProxyEvent, proxyMachine } from './proxy.js';
export { type Evidence, evidenceOf, evidenceOfState, reconcile } from './registry.js';
export { type SessionContext, type SessionEvent, type SessionInput, sessionMachine } from './session.js';
export type * from './sessionPorts.js';
export { type TunnelContext, type TunnelEvent, tunnelMachine } from './tunnel.js';
export * from './vocabulary.js';
