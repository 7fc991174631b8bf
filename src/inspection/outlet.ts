import type { FeedLine, FeedListener } from './feed.js';
import { timeOf } from './seen.js';

type Line<T> = T extends FeedLine ? Omit<T, 'seq' | 'time'> : never;
/** A line without its number and time. */
export type Unnumbered = Line<FeedLine>;

/** Whoever listens to the feed. What one of them throws is contained. */
export class Outlet {
  readonly #brief = new Set<FeedListener>();
  readonly #whole = new Set<FeedListener>();
  readonly #contain: (cause: unknown) => void;
  #seq = 0;

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

  send(at: number, line: Unnumbered, detail?: () => object): void {
    this.#seq += 1;
    // What it is stands first in a line.
    const { t, ...rest } = line;
    const numbered = { t, seq: this.#seq, time: timeOf(at), ...rest } as FeedLine;
    for (const listener of this.#brief) this.tell(listener, numbered);
    if (this.#whole.size === 0) return;
    const whole = detail === undefined ? numbered : ({ ...numbered, ...detail() } as FeedLine);
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
