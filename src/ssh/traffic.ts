import type { Traffic } from '../../machines/sessionPorts.js';
import type { Clock } from '../clock.js';

/** At most so often it is told what went through a tunnel. */
const pace = 1_000;

/** What went through a tunnel: told a while after it changed, and no timer runs while nothing does. */
export class TrafficMeter {
  channels = 0;
  refused = 0;
  sent = 0;
  received = 0;
  readonly #clock: Clock;
  readonly #tell: (traffic: Traffic) => void;
  #timer: unknown;
  #stopped = false;

  constructor(clock: Clock, tell: (traffic: Traffic) => void) {
    this.#clock = clock;
    this.#tell = tell;
  }

  /** The hot path: called with every chunk. */
  changed(): void {
    if (!this.#stopped) this.#timer ??= this.#clock.setTimeout(() => this.flush(), pace);
  }

  refuse(): void {
    this.refused += 1;
    this.changed();
  }

  /** Tells at once what has not been told. */
  flush(): void {
    if (this.#timer === undefined) return;
    this.#disarm();
    const { sent, received, channels, refused } = this;
    this.#tell({ sent, received, channels, refused });
  }

  /** What is counted after the tunnel's end, nobody is told: no timer is armed for it. */
  stop(): void {
    this.#stopped = true;
    this.#disarm();
  }

  #disarm(): void {
    this.#clock.clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
