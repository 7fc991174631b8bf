export type {
  Author,
  Desktop,
  Failure,
  FailureCode,
  ListedSession,
  Mount,
  Profile,
  ProfileId,
  ProfileTag,
  ReportEntry,
  SessionId,
  SessionKind,
  SessionTag,
} from '../machines/vocabulary.js';
export { X2GoError } from './errors.js';
export {
  type CallOptions,
  createGuardian,
  type Guardian,
  type GuardianEventOf,
  type GuardianEventRecord,
  type Reading,
} from './guardian.js';
export type { GuardianOptions } from './options.js';
export type { AskRequest, Credentials } from './ssh/credentials.js';
export type { Clock, HostKeyRules } from './world.js';
