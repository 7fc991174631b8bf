import { type ChildProcess, type SpawnOptions, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = new URL('../../..', import.meta.url).pathname;
export const mainFile = join(root, 'dist/bin/x2go-guardian.js');

/** `npm test` has built it; a single run of vitest may have to. */
function built(): string {
  if (!existsSync(mainFile)) spawnSync('npm', ['run', '-s', 'build'], { cwd: root });
  return mainFile;
}

const telling = new URL('held.mjs', import.meta.url).href;

/** A home and a runtime directory of its own, and what is in them at the end. A command that something held there fails its test. */
export class Place {
  readonly folder = mkdtempSync(join(tmpdir(), 'cli-'));
  readonly home = join(this.folder, 'home');
  readonly runtime = join(this.folder, 'run');
  /** Where the journal is. */
  readonly state = join(this.folder, 'state');
  readonly #held = join(this.folder, 'held');

  constructor() {
    mkdirSync(this.home);
    mkdirSync(this.runtime, { mode: 0o700 });
  }

  file(name: string): string {
    return join(this.folder, name);
  }

  /** What the command left in the places where it may put temporary things. */
  leftovers(): readonly string[] {
    return [...readdirSync(this.runtime), ...readdirSync(this.home)];
  }

  env(more: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
    const { PATH } = process.env;
    const own = { HOME: this.home, XDG_RUNTIME_DIR: this.runtime, TMPDIR: this.runtime };
    const watched = { NODE_OPTIONS: `--import=${telling}`, HELD_FILE: this.#held };
    return { PATH, ...own, ...watched, XDG_STATE_HOME: this.state, LANG: 'C.UTF-8', ...more };
  }

  [Symbol.dispose](): void {
    const held = existsSync(this.#held) ? readFileSync(this.#held, 'utf8') : '';
    rmSync(this.folder, { recursive: true, force: true });
    if (held !== '') throw new Error(`Something held the process until it gave up: ${held}`);
  }
}

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The command as a process: what it says while it runs, and how it ends. */
export class Cli {
  stdout = '';
  stderr = '';
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  #wake: () => void = () => undefined;
  #over = false;

  constructor(args: readonly string[], place: Place, options: SpawnOptions = {}) {
    this.child = spawn(process.execPath, [built(), ...args], { env: place.env(), ...options });
    this.child.stdout?.on('data', (chunk: Buffer) => this.#hear(() => (this.stdout += chunk)));
    this.child.stderr?.on('data', (chunk: Buffer) => this.#hear(() => (this.stderr += chunk)));
    this.ended = new Promise((resolve) => {
      this.child.on('close', (code, signal) => {
        this.#hear(() => (this.#over = true));
        resolve({ code, signal, stdout: this.stdout, stderr: this.stderr });
      });
    });
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** Every line of stdout that is JSON; one that is not throws. */
  get lines(): readonly Line[] {
    return linesOf(this.stdout);
  }

  /** Waits until stdout, or stderr, has what is looked for. Throws when the process ends without. */
  async until<T>(look: () => T | undefined | false, what = 'what was waited for'): Promise<T> {
    let isLate = false;
    const timer = setTimeout(() => this.#hear(() => (isLate = true)), 30_000);
    try {
      for (;;) {
        const found = look();
        if (found !== undefined && found !== false) return found;
        if (this.#over || isLate) break;
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    } finally {
      clearTimeout(timer);
    }
    this.child.kill('SIGKILL');
    throw new Error(`${what} never came.\nstdout: ${this.stdout}\nstderr: ${this.stderr}`);
  }

  /** Waits for an event among the lines. */
  event(name: string, where: (line: Line) => boolean = () => true): Promise<Line> {
    return this.until(() => this.lines.find((line) => line.event === name && where(line)), name);
  }

  #hear(change: () => unknown): void {
    change();
    this.#wake();
  }
}

export type Line = Readonly<Record<string, unknown>> & { readonly event: string };

export const linesOf = (text: string): readonly Line[] =>
  text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line);

/** Runs the command to its end. */
export function runCli(
  args: readonly string[],
  place: Place,
  { input, env = {} }: { readonly input?: string; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<Ended> {
  const cli = new Cli(args, place, { env: place.env(env) });
  cli.child.stdin?.on('error', () => undefined);
  cli.child.stdin?.end(input ?? '');
  return cli.ended;
}
