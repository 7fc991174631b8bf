import type { Entry } from './sessionStore.js';
import type { Step } from './steps.js';
import type { Timers } from './timers.js';

/** Lets steps happen to sessions, at a pace that may be changed. */
export class Walker {
  constructor(
    readonly timers: Timers,
    /** 0: every step at once; 1: as slow as a real server. */
    public pace: number,
  ) {}

  /** What is left of the last steps of that session is dropped. */
  walk(entry: Entry, steps: readonly Step[]): void {
    entry.cancel();
    const cancels = steps.map(([ms, happens]) => this.timers.after(ms * this.pace, happens));
    entry.cancel = () => {
      for (const cancel of cancels) cancel();
    };
  }

  delay(ms: number): Promise<void> {
    return this.timers.delay(ms * this.pace);
  }

  within<T>(ms: number, work: Promise<T>): Promise<T | undefined> {
    return this.timers.within(ms * this.pace, work);
  }
}
