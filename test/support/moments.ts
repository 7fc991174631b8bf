import type { Emulator, EmulatorOptions } from '../../src/emulator/index.js';
import { everyFlag, type Guarded, type GuardOptions } from './guard.js';
import { eventually } from './until.js';

/** A moment at which a guardian can be told to stop. */
export interface Moment {
  readonly server?: EmulatorOptions;
  readonly options?: GuardOptions;
  /** Before the guardian is started. */
  readonly before?: (server: Emulator) => void | Promise<void>;
  /** Resolves in the moment itself. */
  readonly reach: (guarded: Guarded, server: Emulator) => Promise<unknown>;
  /** Whether a socket had been opened by then. @default true */
  readonly transport?: boolean;
}

const never = () => new Promise<never>(() => {});
const connected = ({ log }: Guarded) => log.until('profile.connected');
const served = (server: Emulator, verb: string, times = 1) =>
  eventually(`${times} x ${verb}`, () => server.commandsServed.filter((one) => one === verb).length >= times);
const state = ({ guardian }: Guarded, wanted: string, within = 10_000) =>
  eventually(wanted, () => guardian.profiles()[0]?.state === wanted, within);
const quick = { ...everyFlag, refreshInterval: 100 };

/** From the first to the last: a guardian can be told to stop in each of them. */
export const moments: Readonly<Record<string, Moment>> = {
  'just started': { reach: async () => undefined },
  'waiting for credentials': {
    options: { credentials: { of: never } },
    reach: (guarded) => state(guarded, 'connecting'),
  },
  connecting: {
    reach: (_, server) => eventually('a connection', () => server.connectionsAccepted === 1),
  },
  'asking about the host key': {
    options: { hostKeys: { mode: 'ask', files: [], ask: never } },
    reach: (_, server) => eventually('a handshake', () => server.connectionsAccepted === 1),
  },
  authenticating: {
    server: { keyboardInteractive: [{ prompt: 'Token: ', answer: '1' }] },
    options: { login: () => ({ ask: never }) },
    reach: (_, server) => eventually('an attempt', () => server.authAttempts.length > 0),
  },
  introducing: {
    before: (server) => server.faults.hang('x2gofeaturelist'),
    reach: (_, server) => served(server, 'survey'),
  },
  idle: {
    options: { refreshInterval: 60_000 },
    reach: connected,
  },
  watching: {
    reach: (guarded) => guarded.log.until('cache.refreshed', ({ source }) => source === 'watch'),
    options: quick,
  },
  listing: {
    options: { ...quick, stateWatch: false },
    reach: async (guarded, server) => {
      await connected(guarded);
      server.faults.hang('x2golistsessions');
      await served(server, 'survey', server.commandsServed.length + 1);
    },
  },
  'listing desktops': {
    options: everyFlag,
    before: (server) => server.faults.hang('x2golistdesktops'),
    reach: (_, server) => served(server, 'desktops'),
  },
  'opening the state watch': {
    options: everyFlag,
    before: (server) => server.faults.hang('watch'),
    reach: (_, server) => served(server, 'watch'),
  },
  degraded: {
    options: everyFlag,
    reach: async (guarded, server) => {
      await connected(guarded);
      server.faults.silence();
      await guarded.log.until('profile.degraded');
    },
  },
  lost: {
    options: everyFlag,
    reach: async (guarded, server) => {
      await connected(guarded);
      const lost = new Promise((resolve) => guarded.guardian.on('profile.lost', resolve));
      void server.faults.reset();
      await lost;
    },
  },
  'waiting to retry': {
    before: (server) => server.faults.refuse(),
    reach: (guarded) => state(guarded, 'waitingToRetry'),
  },
  failed: {
    options: { knownHostsLines: [] },
    reach: (guarded) => state(guarded, 'failed'),
  },
  disconnected: {
    reach: async (guarded) => {
      await connected(guarded);
      await guarded.guardian.disconnect('office');
    },
  },
};
