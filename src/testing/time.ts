import type { Clock } from '../clock.js';

/** Whose a timer is: the guardian's, what arrives here, or what happens elsewhere: on a server, in a viewer. */
export type Owner = 'guardian' | 'arrival' | 'elsewhere';

interface Timer {
  readonly due: number;
  readonly owner: Owner;
  readonly run: () => void;
}

/** Time that moves only when it is told to, to whatever is due next. Nothing here waits for a real timer. */
export class SimulatedTime {
  #now = 0;
  #slept = 0;
  #stalledUntil = 0;
  #armed = new Set<Timer>();

  now(): number {
    return this.#now;
  }

  /** Ms since boot, sleep of the machine included. */
  sinceBoot(): number {
    return this.#now + this.#slept;
  }

  /** The guardian's clock. */
  readonly clock: Clock = {
    now: () => this.#now,
    setTimeout: (run, ms) => this.#arm('guardian', run, ms),
    clearTimeout: (timer) => void this.#armed.delete(timer as Timer),
  };

  /** Runs once, after `ms`; the function it returns takes that back. */
  after(owner: Owner, ms: number, run: () => void): () => void {
    const timer = this.#arm(owner, run, ms);
    return () => void this.#armed.delete(timer);
  }

  /** How many timers are set. */
  pending(owner: Owner): number {
    return [...this.#armed].filter((timer) => timer.owner === owner).length;
  }

  /** The guardian's process stands still for so long, while the rest of the world goes on. */
  stall(ms: number): void {
    this.#stalledUntil = Math.max(this.#stalledUntil, this.#now + ms);
  }

  get isStalled(): boolean {
    return this.#now < this.#stalledUntil;
  }

  /** The whole machine sleeps: its monotonic clock stands still, the time since boot does not. */
  sleep(ms: number): void {
    this.#slept += ms;
  }

  /** Lets happen what is due next, and all that follows from it at once. False: nothing is due before `until`. */
  async step(until = Number.POSITIVE_INFINITY): Promise<boolean> {
    let first: Timer | undefined;
    for (const timer of this.#armed) {
      if (first === undefined || this.#dueOf(timer) < this.#dueOf(first)) first = timer;
    }
    if (first === undefined || this.#dueOf(first) > until) {
      if (until !== Number.POSITIVE_INFINITY) this.#now = Math.max(this.#now, until);
      return false;
    }
    this.#armed.delete(first);
    this.#now = Math.max(this.#now, this.#dueOf(first));
    first.run();
    await this.settle();
    return true;
  }

  /** Until everything that needs no time has happened. */
  async settle(): Promise<void> {
    // Twice: what is left for a turn of the loop may leave more for another.
    await turn();
    await turn();
  }

  /** While it is stalled nothing of the guardian's rings and nothing is read; all that rings late, in its order. */
  #dueOf({ owner, due }: Timer): number {
    return owner === 'elsewhere' ? due : Math.max(due, this.#stalledUntil);
  }

  #arm(owner: Owner, run: () => void, ms: number): Timer {
    const timer = { due: this.#now + Math.max(0, ms), owner, run };
    this.#armed.add(timer);
    return timer;
  }
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
