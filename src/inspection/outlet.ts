import type { FeedLine, FeedListener } from './feed.js';
import { timeOf } from './seen.js';

/** Whoever listens to the feed. What one of them throws is contained. */
export class Outlet {
  readonly #brief = new Set<FeedListener>();
  readonly #whole = new Set<FeedListener>();
  readonly #contain: (cause: unknown) => void;
  #seq = 0;
  #ms = Number.NaN;
  #time = '';

  constructor(contain: (cause: unknown) => void) {
    this.#contain = contain;
  }

  get isOpen(): boolean {
    return this.#brief.size > 0 || this.#whole.size > 0;
  }

  /** The number of the last change. */
  get seq(): number {
    return this.#seq;
  }

  /** `whole`: with inputs and events. */
  add(listener: FeedListener, whole: boolean): () => void {
    const listeners = whole ? this.#whole : this.#brief;
    // The same function may listen twice.
    const own: FeedListener = (line) => listener(line);
    listeners.add(own);
    return () => void listeners.delete(own);
  }

  /** The number of the next change. */
  next(): number {
    this.#seq += 1;
    return this.#seq;
  }

  /** Many lines are of the same moment. */
  timeOf(ms: number): string {
    if (ms !== this.#ms) {
      this.#ms = ms;
      this.#time = timeOf(ms);
    }
    return this.#time;
  }

  send(line: FeedLine, detail?: () => object): void {
    for (const listener of this.#brief) this.tell(listener, line);
    if (this.#whole.size === 0) return;
    const whole = detail === undefined ? line : ({ ...line, ...detail() } as FeedLine);
    for (const listener of this.#whole) this.tell(listener, whole);
  }

  tell(listener: FeedListener, line: FeedLine): void {
    try {
      listener(line);
    } catch (cause) {
      this.#contain(cause);
    }
  }
}
