import type { Clock } from './clock.js';

/** Waits for an end, but no longer than so, and not at all when there is a hurry. */
export function endsWithin(
  clock: Clock,
  ended: Promise<unknown>,
  ms: number,
  hurry?: AbortSignal,
): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clock.clearTimeout(timer);
      hurry?.removeEventListener('abort', done);
      resolve();
    };
    const timer = clock.setTimeout(done, ms);
    hurry?.addEventListener('abort', done, { once: true });
    if (hurry?.aborted) done();
    void ended.then(done, done);
  });
}

/** Waits so long, or until there is a hurry. */
export const pause = (clock: Clock, ms: number, hurry: AbortSignal): Promise<void> =>
  endsWithin(clock, new Promise(() => undefined), ms, hurry);
