import type { Clock } from '../../src/clock.js';

/** A clock that moves only when told to, and timers that ring in the order they are due. */
export function manualClock() {
  let now = 0;
  let timers: { readonly at: number; readonly fn: () => void }[] = [];
  const clock: Clock = {
    now: () => now,
    setTimeout: (fn, ms) => {
      const timer = { at: now + ms, fn };
      timers.push(timer);
      return timer;
    },
    clearTimeout: (id) => {
      timers = timers.filter((timer) => timer !== id);
    },
  };
  return {
    clock,
    armed: () => timers.length,
    /** Lets time pass and every timer ring when it is due. */
    pass(ms: number) {
      const end = now + ms;
      for (;;) {
        const [next] = timers.filter(({ at }) => at <= end).toSorted((a, b) => a.at - b.at);
        if (next === undefined) break;
        now = Math.max(now, next.at);
        clock.clearTimeout(next);
        next.fn();
      }
      now = end;
    },
    /** Time passes while nothing can run: a stall. What was due rings late, at the next pass(). */
    stall(ms: number) {
      now += ms;
    },
  };
}
