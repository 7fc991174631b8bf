import type { Stage } from './questions.js';

/** How long all answers together may take where --timeout does not say. */
export const patience = 30_000;

/** A time that stands still while a person is asked. */
export class Deadline {
  readonly #controller = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #leftMs: number;
  #startedAt = 0;
  #isClosed = false;
  readonly ms: number;

  constructor(ms: number) {
    this.ms = ms;
    this.#leftMs = ms;
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  readonly stage: Stage = { pause: () => this.#pause(), resume: () => this.start() };

  start(): void {
    if (this.#isClosed) return;
    this.#startedAt = performance.now();
    this.#timer = setTimeout(() => this.#controller.abort(), Math.max(1, this.#leftMs));
  }

  /** Nobody waits any more. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  #pause(): void {
    clearTimeout(this.#timer);
    this.#leftMs -= performance.now() - this.#startedAt;
  }
}
