import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EmulatedViewer, emulatedViewer } from '../../src/emulator/index.js';
import { createGuardian, type Guardian } from '../../src/guardian.js';
import type { GuardianOptions } from '../../src/options.js';
import type { Credentials } from '../../src/ssh/credentials.js';
import { EventLog } from './eventLog.js';

/** Where a profile leads: an emulator, or a proxy in front of one. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly clientKey: string;
  readonly hostKey: string;
}

export interface Guarded {
  readonly guardian: Guardian;
  readonly log: EventLog;
  /** The known_hosts file of this guardian alone. */
  readonly knownHosts: string;
  /** What shows its sessions, unless the test brings a viewer of its own. */
  readonly viewer: EmulatedViewer;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface GuardOptions extends Partial<GuardianOptions> {
  /** What is used to log in, by profile. @default the endpoint's own key */
  readonly login?: (profile: string) => Credentials;
  /** The lines of the known_hosts file. @default one for each endpoint */
  readonly knownHostsLines?: readonly string[];
  /** false: made, not started. @default true */
  readonly start?: boolean;
}

/** The same server behind another address, for instance a proxy's. */
export const at = (server: Endpoint, port: number, host = server.host): Endpoint => ({
  host,
  port,
  user: server.user,
  clientKey: server.clientKey,
  hostKey: server.hostKey,
});

export const everyFlag = {
  autoUpdateListSessionsCache: true,
  autoUpdateListDesktopsCache: true,
  autoUpdateListMountsCache: true,
  autoUpdateSessionRegistry: true,
  autoRegisterSessions: true,
} as const;

/** A guardian over these servers, that knows their host keys and logs in by their keys. */
export async function guard(
  servers: Readonly<Record<string, Endpoint>>,
  { login, knownHostsLines, start = true, ...options }: GuardOptions = {},
): Promise<Guarded> {
  const directory = await mkdtemp(join(tmpdir(), 'guard-'));
  const knownHosts = join(directory, 'known_hosts');
  const lines = Object.values(servers).map(({ host, port, hostKey }) => `[${host}]:${port} ${hostKey}`);
  await writeFile(knownHosts, (knownHostsLines ?? lines).map((line) => `${line}\n`).join(''));
  const viewer = emulatedViewer();
  const guardian = createGuardian({
    journal: false,
    viewer,
    profiles: Object.entries(servers).map(([id, { host, port, user }]) => ({ id, host, port, user })),
    credentials: {
      of: ({ id }) => login?.(id) ?? { identities: [{ privateKey: servers[id]?.clientKey ?? '' }] },
    },
    hostKeys: { mode: 'strict', files: [knownHosts] },
    chance: () => 0.5,
    ...options,
  });
  const log = new EventLog(guardian);
  if (start) await guardian.start();
  return {
    guardian,
    log,
    knownHosts,
    viewer,
    async [Symbol.asyncDispose]() {
      await guardian.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
