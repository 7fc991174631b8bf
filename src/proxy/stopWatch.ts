import type { Clock } from '../clock.js';
import { processStat } from './processStat.js';

/** No event tells that a process was stopped; a look costs 20 µs. */
const lookEvery = 2_000;
/** For how long it may stand still before somebody is told. */
const patience = 10_000;

export interface StopWatchEvents {
  readonly stalled: (forMs: number) => void;
  readonly moving: () => void;
}

/** Sees that a process stands still (SIGSTOP) and that it runs again. On Linux only; elsewhere it does nothing. */
export function watchForStops(pid: number, clock: Clock, events: StopWatchEvents): () => void {
  if (processStat(pid) === undefined) return () => undefined;
  let since: number | undefined;
  let isTold = false;
  let timer: unknown;
  const look = () => {
    const state = processStat(pid)?.state;
    if (state === 'T' || state === 't') {
      since ??= clock.now();
      const forMs = Math.round(clock.now() - since);
      if (!isTold && forMs >= patience) {
        isTold = true;
        events.stalled(forMs);
      }
    } else {
      since = undefined;
      if (isTold) events.moving();
      isTold = false;
    }
    timer = clock.setTimeout(look, lookEvery);
  };
  timer = clock.setTimeout(look, lookEvery);
  return () => clock.clearTimeout(timer);
}
