/** An X2Go server inside this process: for the demo, our tests and the tests of apps. */
export type { NewSession } from './agents.js';
export type { Emulator, EmulatorOptions } from './api.js';
export type { AuthAttempt, KeyboardQuestion } from './authentication.js';
export { startEmulator } from './emulator.js';
export type { CommandName } from './faultPlan.js';
export type { EmulatorFaults } from './faults.js';
export { type KeyPair, newKeyPair } from './identity.js';
export type { By, EmulatedSessions, SessionView } from './sessions.js';
export type { EmulatorClock } from './timers.js';
export type { ChannelKind, OpenedChannels } from './unrequested.js';
export {
  type EmulatedViewer,
  type EmulatedViewerRequest,
  type EmulatedViewerRun,
  emulatedViewer,
  type ViewerFault,
} from './viewer.js';
