import type { Clock } from '../clock.js';
import type { Lane } from './pump.js';

/** Bytes that nobody read for so long are told of. */
const patience = 10_000;
const pace = 2_000;

interface Watched {
  /** What the reader has not taken: with us, and where it can be seen in the kernel's keeping too. */
  readonly unread: () => number | Promise<number>;
  taken: number;
  /** Since when nothing was taken although there was something; undefined: all was taken. */
  since: number | undefined;
}

export interface StallReport {
  stalled(forMs: number): void;
  moving(): void;
}

/** Notices readers that do not read, with one timer that is armed only while something is unread. */
export class StallWatch {
  readonly #clock: Clock;
  readonly #report: StallReport;
  readonly #lanes = new Map<Lane, Watched>();
  #timer: unknown;
  #looking = false;
  #stalled = false;
  #stopped = false;

  constructor(clock: Clock, report: StallReport) {
    this.#clock = clock;
    this.#report = report;
  }

  /** `kept`: bytes of ours in the kernel that its reader has not read. */
  watch(lane: Lane, kept: () => number | Promise<number> = () => 0): void {
    const unread = async () => lane.waiting() + (await kept());
    this.#lanes.set(lane, { unread, taken: 0, since: undefined });
  }

  forget(lane: Lane): void {
    this.#lanes.delete(lane);
  }

  /** The hot path: called with every chunk. */
  touch(): void {
    if (this.#timer === undefined && !this.#looking && !this.#stopped) this.#arm(pace);
  }

  stop(): void {
    this.#stopped = true;
    this.#clock.clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #arm(ms: number): void {
    this.#timer = this.#clock.setTimeout(() => {
      this.#timer = undefined;
      void this.#look();
    }, ms);
  }

  async #look(): Promise<void> {
    this.#looking = true;
    for (const [lane, watched] of this.#lanes) {
      const unread = await watched.unread();
      const taken = lane.written - unread;
      if (unread === 0) watched.since = undefined;
      else if (watched.since === undefined || taken !== watched.taken) watched.since = this.#clock.now();
      watched.taken = taken;
    }
    this.#looking = false;
    if (!this.#stopped) this.#tell();
  }

  #tell(): void {
    const waits = [...this.#lanes.values()].flatMap(({ since }) => since ?? []);
    const forMs = waits.length === 0 ? 0 : Math.round(this.#clock.now() - Math.min(...waits));
    const stalled = forMs >= patience;
    if (stalled && !this.#stalled) this.#report.stalled(forMs);
    if (!stalled && this.#stalled) this.#report.moving();
    this.#stalled = stalled;
    if (waits.length > 0) this.#arm(stalled ? pace : Math.min(pace, patience - forMs));
  }
}
