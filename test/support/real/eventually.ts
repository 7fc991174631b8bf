import { setTimeout as pause } from 'node:timers/promises';

export interface EventuallyOptions {
  /** @default 15_000 ms */
  readonly timeoutMs?: number;
  /** How often to look. @default 25 ms */
  readonly everyMs?: number;
}

/**
 * Looks until there is something to see: the first value of `probe` that is neither undefined nor false.
 * The error after the time-out says what was waited for.
 */
export async function eventually<T>(
  what: string | (() => string),
  probe: () => T | undefined | false | Promise<T | undefined | false>,
  options: EventuallyOptions = {},
): Promise<T> {
  const { timeoutMs = 15_000, everyMs = 25 } = options;
  const until = performance.now() + timeoutMs;
  for (;;) {
    const seen = await probe();
    if (seen !== undefined && seen !== false) return seen;
    if (performance.now() > until) {
      throw new Error(`Waited ${timeoutMs} ms in vain: ${typeof what === 'string' ? what : what()}`);
    }
    await pause(everyMs);
  }
}
