import type { Clock } from '../clock.js';

/** How long something may take in all, standing still at times. Not running until resume() or restart(). */
export class Patience {
  readonly #clock: Clock;
  readonly #ms: number;
  readonly #late: () => void;
  #left: number;
  #since: number | undefined;
  #timer: unknown;

  constructor(clock: Clock, ms: number, late: () => void) {
    this.#clock = clock;
    this.#ms = ms;
    this.#left = ms;
    this.#late = late;
  }

  pause(): void {
    if (this.#since === undefined) return;
    this.#clock.clearTimeout(this.#timer);
    this.#left = Math.max(0, this.#left - (this.#clock.now() - this.#since));
    this.#since = undefined;
  }

  resume(): void {
    if (this.#since !== undefined) return;
    this.#since = this.#clock.now();
    this.#timer = this.#clock.setTimeout(this.#late, this.#left);
  }

  /** All over again: a person has been asked meanwhile. */
  restart(): void {
    this.pause();
    this.#left = this.#ms;
    this.resume();
  }
}
