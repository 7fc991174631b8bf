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
  #second = Number.NaN;
  #upToSecond = '';

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

  /** Whether somebody wants inputs and events, too. */
  get isWhole(): boolean {
    return this.#whole.size > 0;
  }

  /** Many lines are of the same moment or second, and Date is slow. */
  timeOf(ms: number): string {
    if (ms === this.#ms) return this.#time;
    this.#ms = ms;
    const second = Math.floor(ms / 1_000);
    if (second !== this.#second) {
      this.#second = second;
      this.#upToSecond = timeOf(ms).slice(0, -4);
    }
    this.#time = `${this.#upToSecond}${String(ms - second * 1_000).padStart(3, '0')}Z`;
    return this.#time;
  }

  /** `whole`: the line with its input or event. */
  send(line: FeedLine, whole: FeedLine = line): void {
    for (const listener of this.#brief) this.tell(listener, line);
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
