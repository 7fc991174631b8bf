import { X2GoError } from '../errors.js';
import type { Ending } from './ending.js';
import type { Io, Output } from './io.js';
import type { Stage } from './questions.js';

/** The other end is gone: a pipe that nobody reads any more, a terminal that was closed. */
const goneCodes = new Set([
  'EPIPE',
  'EIO',
  'ECONNRESET',
  'ERR_STREAM_DESTROYED',
  'ERR_STREAM_WRITE_AFTER_END',
]);
/** How much may wait for a reader who does not read before what can be missed is left out. */
const longestQueue = 1024 * 1024;
/** How long a reader who does not read may hold up the end. */
const flushPatience = 2_000;

/** stdout and stderr, whatever happens to them. A closed stdout ends the command; a closed stderr is nobody's matter. */
export class Printer {
  readonly #io: Io;
  readonly #ending: Ending;
  #open = true;
  #pauses = 0;
  #held: string[] = [];

  constructor(io: Io, ending: Ending) {
    this.#io = io;
    this.#ending = ending;
    io.stdout.on('error', (cause: NodeJS.ErrnoException) => this.#fail(cause));
    io.stderr.on('error', () => undefined);
  }

  /** Where a live table may write. It fails as quietly as print(). */
  get stdout(): Output {
    return this.#io.stdout;
  }

  /** While a question stands on the same terminal, lines wait for its answer. */
  readonly stage: Stage = {
    pause: () => {
      if (this.#io.stdout.isTTY === true) this.#pauses++;
    },
    resume: () => {
      if (this.#pauses > 0) this.#pauses--;
      if (this.#pauses === 0) for (const text of this.#held.splice(0)) this.print(text);
    },
  };

  print(text: string): void {
    if (!this.#open) return;
    if (this.#pauses > 0) {
      this.#held.push(text);
      return;
    }
    try {
      this.#io.stdout.write(`${text}\n`);
    } catch (cause) {
      this.#fail(cause as NodeJS.ErrnoException);
    }
  }

  printJson(record: object): void {
    this.print(JSON.stringify(record));
  }

  /** Whether a reader is so late that what comes again anyway should be left out. */
  get isLate(): boolean {
    return this.#io.stdout.writableLength > longestQueue;
  }

  say(text: string): void {
    try {
      this.#io.stderr.write(`${text}\n`);
    } catch {
      // Nobody listens there.
    }
  }

  /** Resolves when all of it is out, or can never be. After a signal it waits for no reader longer than 2 s. */
  async flush(): Promise<void> {
    const { stdout, stderr } = this.#io;
    let timer: NodeJS.Timeout | undefined;
    const give = new Promise<void>((resolve) => {
      const hurry = () => {
        timer ??= setTimeout(resolve, flushPatience);
      };
      if (this.#ending.asked.aborted) hurry();
      else this.#ending.asked.addEventListener('abort', hurry, { once: true });
      this.#ending.forced.addEventListener('abort', () => resolve(), { once: true });
    });
    await Promise.race([Promise.all([this.#open ? drained(stdout) : undefined, drained(stderr)]), give]);
    clearTimeout(timer);
  }

  #fail(cause: NodeJS.ErrnoException): void {
    if (!this.#open) return;
    this.#open = false;
    if (goneCodes.has(cause.code ?? '')) {
      this.#ending.isStdoutClosed = true;
      this.#ending.ask('nobody reads stdout any more');
      return;
    }
    const message = `Cannot write to standard output: ${cause.message}. Make room there, or write elsewhere`;
    const { code, retryable } = new X2GoError('file.unreadable', message, { cause });
    this.#ending.ask('stdout cannot be written', { code, message, retryable });
  }
}

const drained = (stream: Output): Promise<void> =>
  new Promise((resolve) => {
    try {
      stream.write('', () => resolve());
    } catch {
      resolve();
    }
  });
