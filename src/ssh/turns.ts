/** At most so many at once; the others wait, first come first served. */
export class Turns {
  readonly #most: number;
  #free: number;
  readonly #waiting = new Set<() => void>();

  constructor(most: number) {
    this.#most = most;
    this.#free = most;
  }

  /** Nobody has a turn, and nobody waits for one. */
  get areIdle(): boolean {
    return this.#free === this.#most;
  }

  /** Resolves when it is one's turn, with how to give it back. Rejects with the signal's reason: then there is nothing to give. */
  take(signal: AbortSignal): Promise<() => void> {
    return new Promise((resolve, reject) => {
      const stop = () => {
        this.#waiting.delete(go);
        reject(signal.reason);
      };
      const go = () => {
        this.#waiting.delete(go);
        signal.removeEventListener('abort', stop);
        this.#free -= 1;
        resolve(() => this.#giveBack());
      };
      if (signal.aborted) return stop();
      if (this.#free > 0) return go();
      this.#waiting.add(go);
      signal.addEventListener('abort', stop, { once: true });
    });
  }

  #giveBack(): void {
    this.#free += 1;
    const [next] = this.#waiting;
    next?.();
  }
}
