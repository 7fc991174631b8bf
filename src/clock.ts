/** Time as the charts and the actors have it: monotonic, so that a stepped wall clock moves no timer. */
export interface Clock {
  /** Milliseconds since some fixed moment. */
  now(): number;
  setTimeout(fn: () => void, ms: number): unknown;
  clearTimeout(id: unknown): void;
}

export const monotonicClock: Clock = {
  now: () => performance.now(),
  setTimeout: (fn, ms) => setTimeout(fn, ms),
  clearTimeout: (id) => clearTimeout(id as NodeJS.Timeout | undefined),
};
