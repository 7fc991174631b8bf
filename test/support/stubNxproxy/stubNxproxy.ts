import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { makeTempDir } from '../real/owner.js';

/**
 * A program called nxproxy that is none, for the emulator's agents. To plug it in:
 *
 *     const stub = stubNxproxy();                        // makes it; stub.folder holds the program
 *     const screen = await stubScreen();                 // a screen that lets everybody in (stubScreen.ts)
 *     nxproxy(world, { env: stub.env({ DISPLAY: screen.display }) })          // the leaf alone, or
 *     Object.assign(process.env, stub.env({ DISPLAY: screen.display }))       // the whole guardian: it looks in PATH
 *
 * `presentation.screen` may name the screen too. At the end: stub.remove(), screen.stop().
 */
export interface StubNxproxy {
  readonly folder: string;
  /** The program itself, for the option `program`. */
  readonly path: string;
  /** What process.env would be with it first in PATH, in a runtime folder and a home of its own. */
  env(more?: Record<string, string>): Record<string, string>;
  /** How runs that are yet to begin behave. */
  behave(behaviour: StubBehaviour): void;
  /** What each run was given, the oldest first. */
  runs(): readonly StubRun[];
  remove(): void;
}
export interface StubBehaviour {
  /**
   * show: connects, and is up when the agent says so; ends at SIGTERM or when its connection ends.
   * deaf: as show, but SIGTERM does nothing. hang: never connects. exit: ends at once, without a word.
   * say: says `lines`, then ends. flood, endless: 1,000 lines or one of 8 MiB, then as show.
   * keeper: as show, with a child that holds stderr, as nxproxy has one on slow links; only an orderly end takes it along.
   */
  readonly mode?: 'show' | 'deaf' | 'hang' | 'exit' | 'say' | 'flood' | 'endless' | 'keeper';
  readonly lines?: readonly string[];
  /** How long it takes to end. @default 50 */
  readonly leaveMs?: number;
  /** What it takes an end of its connection for: a suspended session, or a broken line. @default 'ended' */
  readonly onClose?: 'ended' | 'cut';
}
export interface StubRun {
  readonly pid: number;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly optionsLine: string;
  /** Of the options file, octal. */
  readonly mode: string;
}

const program = new URL('./nxproxy.mjs', import.meta.url);

export function stubNxproxy(): StubNxproxy {
  const dir = makeTempDir('stub');
  const folder = join(dir, 'bin');
  const path = join(folder, 'nxproxy');
  for (const name of ['bin', 'home', 'run', 'cache']) mkdirSync(join(dir, name), { mode: 0o700 });
  writeFileSync(path, `#!${process.execPath}\nimport(${JSON.stringify(program.href)});\n`);
  chmodSync(path, 0o755);
  return {
    folder,
    path,
    env: (more = {}) => ({
      PATH: [folder, process.env.PATH ?? ''].join(delimiter),
      HOME: join(dir, 'home'),
      XDG_RUNTIME_DIR: join(dir, 'run'),
      XDG_CACHE_HOME: join(dir, 'cache'),
      ...more,
    }),
    behave: (behaviour) => writeFileSync(join(folder, 'behaviour.json'), JSON.stringify(behaviour)),
    runs: () => {
      const runs = join(folder, 'runs');
      const names = namesIn(runs).filter((name) => name.endsWith('.json'));
      return names.sort().map((name) => JSON.parse(readFileSync(join(runs, name), 'utf8')));
    },
    remove: () => rmSync(dir, { recursive: true, force: true }),
  };
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
