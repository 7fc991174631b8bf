import type { Duplex } from 'node:stream';
import type { Desktop } from '../../machines/vocabulary.js';
import type { AuthAttempt, KeyboardQuestion } from './authentication.js';
import type { EmulatorFaults } from './faults.js';
import type { EmulatedSessions } from './sessions.js';
import type { EmulatorClock } from './timers.js';

export interface EmulatorOptions {
  /** @default 'alice' */
  readonly user?: string;
  /** Without it no password is accepted. */
  readonly password?: string;
  /** Public keys as in an authorized_keys file. @default none but the emulator's own `clientKey` */
  readonly authorizedKeys?: readonly string[];
  /** Questions of keyboard-interactive, each with its right answer. */
  readonly keyboardInteractive?: readonly KeyboardQuestion[];
  /** Private key of the host. @default a new ed25519 key */
  readonly hostKey?: string;
  /** The name the server gives itself in its listings. @default 'emulator' */
  readonly hostName?: string;
  readonly features?: readonly string[];
  readonly versions?: Readonly<Record<string, string>>;
  /** Desktops of others that x2golistdesktops shows. */
  readonly desktops?: readonly Desktop[];
  /** Commands that x2goruncommand does not find there, by their last path component. @default none */
  readonly missingCommands?: readonly string[];
  /** @default 0: any free port */
  readonly port?: number;
  /** How slowly a session's steps follow each other: 0 at once, 1 as on a real server. @default 0 */
  readonly pace?: number;
  /** The server's wall clock, in ms since 1970. @default Date.now */
  readonly now?: () => number;
  /** Where delays come from. @default the system's timers, which never keep the process alive */
  readonly clock?: EmulatorClock;
}

export interface Emulator {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** A private key that is let in. */
  readonly clientKey: string;
  /** The host's public key: `ssh-ed25519 AAAA...` */
  readonly hostKey: string;
  readonly fingerprint: string;
  /** A line for a known_hosts file. */
  readonly knownHostsLine: string;
  readonly sessions: EmulatedSessions;
  readonly faults: EmulatorFaults;
  /** Desktops of others; push and splice as you like. */
  readonly desktops: Desktop[];
  /** Open connections and session channels now, and connections since the start. */
  readonly connections: number;
  readonly channels: number;
  readonly connectionsAccepted: number;
  /** Open direct-tcpip channels: viewers on their agents' graphics ports. */
  readonly tunnels: number;
  /** Ports on which the server listens for its clients. */
  readonly forwards: readonly number[];
  /** Connects to such a port, as a program on the server would; rejects when nobody listens or the client refuses. */
  connectTo(port: number): Promise<Duplex>;
  /** Delays that are under way. */
  readonly pendingTimers: number;
  /** Verbs of our scripts and names of plain commands, in the order in which they came. */
  readonly commandsServed: readonly string[];
  readonly authAttempts: readonly AuthAttempt[];
  /** New session keys on every connection. */
  rekey(): void;
  /** Closes everything; resolves when every socket is closed. */
  stop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}
