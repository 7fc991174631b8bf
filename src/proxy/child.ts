import { type ChildProcess, spawn } from 'node:child_process';
import type { Clock } from '../clock.js';
import { endsWithin } from '../endsWithin.js';
import type { Exit } from '../protocol/nxproxyLog.js';
import type { Outcome } from '../scope.js';
import { lineReader } from './lines.js';
import { type Environment, findProgram } from './programs.js';

export interface ChildOptions {
  readonly path: string;
  readonly args: readonly string[];
  readonly env: Environment;
  readonly clock: Clock;
  /** How long it may take to end once it is asked to. */
  readonly graceMs: number;
  readonly onLine: (line: string) => void;
  /** It could not be started. Nothing else is called then. */
  readonly onError: (cause: unknown) => void;
  /** It is reaped, and all it wrote is read. */
  readonly onEnd: (exit: Exit) => void;
}

/** How long what it left running (nxproxy's cache keeper) may hold on after it, and a killed process may take to go. */
const afterlife = 500;

/** One process of ours, in a process group of its own: a terminal's Ctrl-C is for us, who end it in order. */
export class Child {
  readonly pid: number | undefined;
  readonly #process: ChildProcess;
  readonly #clock: Clock;
  readonly #graceMs: number;
  readonly #ended: Promise<void>;
  #isOver = false;
  #asked = false;
  #killed = false;

  constructor(options: ChildOptions) {
    const { path, args, env, clock, onError, onEnd, onLine } = options;
    this.#clock = clock;
    this.#graceMs = options.graceMs;
    // Under setpriv it dies with us, even where we are killed; the signal comes when the thread that spawned it ends. By TERM
    // it would take 3.4 s, as its tunnel dies too, and a stopped one would stay (both tried).
    const setpriv = process.platform === 'linux' ? findProgram('setpriv', env) : undefined;
    const [command, words] =
      setpriv === undefined ? [path, args] : [setpriv, ['--pdeathsig', 'KILL', path, ...args]];
    const child = spawn(command, words, {
      cwd: '/',
      detached: true,
      env: { ...env },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.#process = child;
    this.pid = child.pid;
    const lines = lineReader(onLine);
    child.stderr?.on('data', (chunk: Buffer) => lines.read(chunk));
    child.stderr?.on('error', () => undefined);
    let timer: unknown;
    this.#ended = new Promise((resolve) => {
      const over = () => {
        this.#isOver = true;
        clock.clearTimeout(timer);
        resolve();
      };
      child.on('error', (cause) => {
        if (this.pid !== undefined) return;
        over();
        onError(cause);
      });
      child.on('exit', (_code, signal) => {
        // Ended by a signal it could not take its helper along, which holds our pipe (tried).
        if (signal !== null) this.#sendGroup('SIGKILL');
        timer = clock.setTimeout(() => {
          this.#sendGroup('SIGKILL');
          child.stderr?.destroy();
        }, afterlife);
      });
      child.on('close', (code, signal) => {
        lines.end();
        over();
        onEnd({ code, signal, ours: this.#asked || this.#killed });
      });
    });
  }

  /** SIGTERM, which one that was stopped hears only when it runs again. */
  ask(): void {
    if (this.#isOver || this.pid === undefined) return;
    this.#asked = true;
    this.#process.kill('SIGTERM');
    this.#process.kill('SIGCONT');
  }

  kill(): void {
    if (this.#isOver || this.pid === undefined) return;
    this.#killed = true;
    this.#sendGroup('SIGKILL');
  }

  get isAsked(): boolean {
    return this.#asked;
  }

  /** It has said its last words, and only waits for its helper: up to 3.4 s (tried). */
  bury(): void {
    if (this.#isOver) return;
    this.#asked = true;
    this.#sendGroup('SIGKILL');
  }

  /** Ends it, and waits until it is reaped. */
  async end(hurry: AbortSignal): Promise<Outcome> {
    if (this.pid === undefined) return 'closed';
    if (!this.#isOver) {
      if (!this.#asked) this.ask();
      await endsWithin(this.#clock, this.#ended, this.#graceMs, hurry);
    }
    if (this.#isOver) return this.#killed ? 'forced' : 'closed';
    this.kill();
    await endsWithin(this.#clock, this.#ended, 2 * afterlife);
    return this.#isOver ? 'forced' : 'failed';
  }

  #sendGroup(signal: NodeJS.Signals): void {
    if (this.pid === undefined) return;
    try {
      process.kill(-this.pid, signal);
    } catch {
      // Nobody is left in it.
    }
  }
}
