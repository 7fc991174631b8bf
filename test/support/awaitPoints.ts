import type { Clock } from '../../src/clock.js';
import type { Guardian } from '../../src/index.js';

export interface CountingClock {
  readonly clock: Clock;
  /** Where each timer that has not rung was set. */
  pending(): readonly string[];
}

/** The real clock, that knows what it still has to ring for. */
export function countingClock(): CountingClock {
  const armed = new Map<unknown, string>();
  return {
    pending: () => [...armed.values()],
    clock: {
      now: () => performance.now(),
      setTimeout: (fn, ms) => {
        const timer = setTimeout(() => {
          armed.delete(timer);
          fn();
        }, ms);
        armed.set(timer, new Error(String(ms)).stack ?? '');
        return timer;
      },
      clearTimeout: (timer) => {
        armed.delete(timer);
        clearTimeout(timer as NodeJS.Timeout | undefined);
      },
    },
  };
}

/**
 * Calls back at the nth await point from now on: the nth turn of the loop in which any actor of the guardian hears
 * something, when all of them have seen to it. The function it returns says whether that has come.
 */
export function atPoint(guardian: Guardian, n: number, then: () => void): () => boolean {
  let points = 0;
  let isSameTurn = false;
  guardian.actor.system.inspect(({ type }) => {
    if (type !== '@xstate.event' || isSameTurn || points >= n) return;
    isSameTurn = true;
    points++;
    queueMicrotask(() => {
      isSameTurn = false;
      if (points === n) then();
    });
  });
  return () => points >= n;
}
