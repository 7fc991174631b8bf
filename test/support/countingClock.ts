import { type Clock, monotonicClock } from '../../src/clock.js';

/** The real clock, and how many of its timers are set: one that outlives what it was for is seen before it rings. */
export function countingClock() {
  const set = new Set<unknown>();
  const clock: Clock = {
    now: monotonicClock.now,
    setTimeout: (fn, ms) => {
      const timer = monotonicClock.setTimeout(() => {
        set.delete(timer);
        fn();
      }, ms);
      set.add(timer);
      return timer;
    },
    clearTimeout: (timer) => {
      set.delete(timer);
      monotonicClock.clearTimeout(timer);
    },
  };
  return { clock, armed: () => set.size };
}
