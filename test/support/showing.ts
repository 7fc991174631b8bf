import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { GuardianOptions } from '../../src/index.js';
import { type Guarded, guard } from './guarded.js';
import { makeTempDir } from './real/owner.js';
import { childrenOf, findProcesses, type SeenProcess } from './real/processes.js';
import { startXvfb, type Xvfb } from './real/xvfb.js';
import type { RealServer } from './realServer.js';

/** A screen of our own, and guardians that show sessions on it. */
export interface Stage {
  readonly screen: Xvfb;
  /** Where these guardians note what they own. */
  readonly journal: string;
  /** A guardian whose sessions are painted on this screen. */
  guard(options?: Partial<GuardianOptions>): Guarded;
  /** The nxproxies that this process started and that live. Each has a helper of its own for a while. */
  proxies(): SeenProcess[];
  stop(): Promise<void>;
}

/** Our guardians run in this process: so does their DISPLAY. One stage at a time in a test file. */
export async function setStage(server: RealServer): Promise<Stage> {
  const dir = makeTempDir('stage');
  const screen = await startXvfb(dir);
  const { DISPLAY, XDG_RUNTIME_DIR, XDG_CACHE_HOME } = process.env;
  const before = { DISPLAY, XDG_RUNTIME_DIR, XDG_CACHE_HOME };
  const runtime = join(dir, 'runtime');
  mkdirSync(runtime, { mode: 0o700 });
  process.env.DISPLAY = screen.display;
  process.env.XDG_RUNTIME_DIR = runtime;
  process.env.XDG_CACHE_HOME = join(dir, 'cache');
  const journal = join(dir, 'journal');
  const guardians: Guarded[] = [];
  return {
    screen,
    journal,
    guard: (options = {}) => {
      const guarded = guard(server, { journal, ...options });
      guardians.push(guarded);
      return guarded;
    },
    proxies: () =>
      childrenOf(process.pid).filter(
        ({ comm, cmdline }) => comm === 'nxproxy' && cmdline.includes('/x2go-guardian-'),
      ),
    stop: async () => {
      await Promise.all(guardians.map(({ guardian }) => guardian.stop()));
      await screen.stop();
      for (const [name, value] of Object.entries(before)) {
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
      }
      delete process.env.XDG_CACHE_HOME;
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** The agents of a user that live on the server. */
export const agentsOf = (uid: number): SeenProcess[] =>
  findProcesses((seen) => seen.uid === uid && seen.comm === 'x2goagent');
