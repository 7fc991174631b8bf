import type { Clock } from '../../src/clock.js';

/** A clock whose pace can be changed: as fast as the real one, until a long wait is to be cut short. Timers keep the pace they were set at. */
export function warpedClock(): { readonly clock: Clock; pace(factor: number): void } {
  let factor = 1;
  let then = performance.now();
  let passed = 0;
  const now = () => passed + (performance.now() - then) * factor;
  return {
    pace: (next) => {
      passed = now();
      then = performance.now();
      factor = next;
    },
    clock: {
      now,
      setTimeout: (fn, ms) => setTimeout(fn, ms / factor),
      clearTimeout: (id) => clearTimeout(id as NodeJS.Timeout | undefined),
    },
  };
}
