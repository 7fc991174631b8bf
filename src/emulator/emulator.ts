import ssh2 from 'ssh2';
import type { Desktop } from '../../machines/vocabulary.js';
import { type AuthAttempt, createDoor, type KeyboardQuestion } from './authentication.js';
import { defaultFeatures, defaultVersions } from './defaults.js';
import { noFaults } from './faultPlan.js';
import { EmulatorFaults } from './faults.js';
import { hostKeyOf } from './identity.js';
import { Listener } from './listener.js';
import { SshServer } from './server.js';
import { SessionStore } from './sessionStore.js';
import { EmulatedSessions } from './sessions.js';
import { runShell } from './shell.js';
import { createTimers, type EmulatorClock } from './timers.js';

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

/** Starts an X2Go server in this process, on 127.0.0.1. It runs no program and touches no file. */
export async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const { user = 'alice', hostName = 'emulator', now = Date.now, pace = 0 } = options;
  const plan = noFaults();
  const timers = createTimers(options.clock);
  const clientKey = ssh2.utils.generateKeyPairSync('ed25519');
  const hostKey = hostKeyOf(options.hostKey);
  const sessions = new EmulatedSessions(new SessionStore({ user, hostName, now }), timers, pace);
  const desktops = [...(options.desktops ?? [])];
  const commandsServed: string[] = [];
  const authAttempts: AuthAttempt[] = [];

  const keysOnly = options.password === undefined && options.keyboardInteractive === undefined;
  const authorizedKeys = options.authorizedKeys ?? (keysOnly ? [] : undefined);
  const door = createDoor(
    {
      user,
      password: options.password,
      authorizedKeys: authorizedKeys === undefined ? [] : [...authorizedKeys, clientKey.public],
      keyboardInteractive: options.keyboardInteractive,
    },
    plan,
    (attempt) => authAttempts.push(attempt),
  );
  const world = {
    sessions,
    timers,
    plan,
    features: options.features ?? defaultFeatures,
    versions: options.versions ?? defaultVersions,
    desktops,
    served: (verb: string) => commandsServed.push(verb),
  };
  const server = new SshServer(
    { plan, door, shell: (channel, command) => runShell(channel, command, world) },
    hostKey.privateKey,
  );
  const listener = new Listener(plan, (line) => server.serve(line));
  await listener.open(options.port ?? 0);

  let stopping: Promise<void> | undefined;
  const stop = () => {
    stopping ??= (async () => {
      sessions.store.clear();
      timers.clear();
      await listener.retire();
    })();
    return stopping;
  };
  return {
    host: '127.0.0.1',
    port: listener.port,
    user,
    clientKey: clientKey.private,
    hostKey: hostKey.publicKey,
    fingerprint: hostKey.fingerprint,
    knownHostsLine: `[127.0.0.1]:${listener.port} ${hostKey.publicKey}`,
    sessions,
    faults: new EmulatorFaults({ plan, listener, server, hostKey: hostKey.privateKey }),
    desktops,
    get connections() {
      return listener.lines.size;
    },
    get channels() {
      return server.channels;
    },
    get connectionsAccepted() {
      return listener.accepted;
    },
    get pendingTimers() {
      return timers.pending;
    },
    commandsServed,
    authAttempts,
    rekey: () => {
      for (const client of server.clients) client.rekey();
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}
