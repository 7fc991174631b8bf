import { type Emulator, startEmulator } from '../emulator/index.js';
import type { GuardianOptions } from '../options.js';

/** Two servers of their own, and how a guardian gets in there. */
export interface DemoWorld {
  readonly office: Emulator;
  readonly lab: Emulator;
  readonly options: GuardianOptions;
  /** Sets both servers' clocks back, so that something can have begun a while ago. */
  setBack(ms: number): void;
  /** Closes both. Never rejects. */
  stop(): Promise<void>;
}

/** Two emulated servers. `writeKnownHosts` puts their keys into a file and gives its path. */
export async function openDemoWorld(writeKnownHosts: (lines: string) => string): Promise<DemoWorld> {
  let backMs = 0;
  const now = () => Date.now() - backMs;
  const [office, lab] = await Promise.all([
    startEmulator({ user: 'alice', hostName: 'office', now, desktops: [{ user: 'carol', display: 61 }] }),
    startEmulator({ user: 'bob', hostName: 'lab', now }),
  ]);
  const emulators = { office, lab };
  return {
    ...emulators,
    setBack: (ms) => {
      backMs = ms;
    },
    options: {
      profiles: Object.entries(emulators).map(([id, { host, port, user }]) => ({ id, host, port, user })),
      credentials: {
        of: ({ id }) => ({ privateKey: emulators[id as keyof typeof emulators].clientKey }),
      },
      hostKeys: {
        mode: 'strict',
        files: [writeKnownHosts(`${office.knownHostsLine}\n${lab.knownHostsLine}\n`)],
      },
    },
    stop: async () => {
      await Promise.allSettled([office.stop(), lab.stop()]);
    },
  };
}
