export type {
  ClipboardMode,
  ExitPolicy,
  Keyboard,
  LinkSpeed,
  Presentation,
  SessionOrder,
} from '../machines/orders.js';
export type {
  Author,
  Desktop,
  Failure,
  FailureCode,
  Hop,
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
export { autoStart, type StartWish } from './autoStart.js';
export type { CallOptions, TerminateOptions } from './calls.js';
export type { Clock } from './clock.js';
export { X2GoError } from './errors.js';
export { createGuardian, type Guardian, type Reading } from './guardian.js';
export type { Edge, FeedLine, FeedListener } from './inspection/feed.js';
export type { HistoryEntry } from './inspection/history.js';
export type { FeedOptions, Inspect } from './inspection/inspection.js';
export type { About, ActorNode, ActorStatus, GuardianTree, LastError, LastEvent } from './inspection/tree.js';
export type { ExplainedStep, Explanation } from './inspection/why.js';
export type { GuardianOptions } from './options.js';
export type { GuardianEventOf, GuardianEventRecord } from './records.js';
export { Session, type SessionView } from './session.js';
export type { AskRequest, Credentials } from './ssh/credentials.js';
export type { Examination } from './ssh/examine.js';
export type { HostKeyRules, Viewer, ViewerRequest, ViewerRun } from './world.js';
