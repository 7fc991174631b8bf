import type { Clock } from './clock.js';
import { X2GoError } from './errors.js';

export interface CallOptions {
  readonly signal?: AbortSignal;
  /** In ms. */
  readonly timeout?: number;
}
export interface TerminateOptions extends CallOptions {
  /** Only while it is suspended: the server is asked at the last moment, and session.takenOver is thrown when it is not. @default false */
  readonly unlessUsed?: boolean;
}

/**
 * Waits until `look` settles the call, looking again whenever `changed` calls back. Throws what `look` throws,
 * call.timedOut with what `why` says, or call.aborted.
 */
export function settled(
  clock: Clock,
  look: () => boolean,
  changed: (look: () => void) => () => void,
  why: () => string,
  { signal, timeout = 30_000 }: CallOptions,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (error?: unknown) => {
      clock.clearTimeout(timer);
      stopLooking();
      signal?.removeEventListener('abort', abort);
      if (error === undefined) resolve();
      else reject(error);
    };
    const abort = () =>
      settle(new X2GoError('call.aborted', 'The call was aborted', { cause: signal?.reason }));
    const lookAgain = () => {
      try {
        if (look()) settle();
      } catch (cause) {
        settle(cause);
      }
    };
    const timer = clock.setTimeout(
      () => settle(new X2GoError('call.timedOut', `No answer after ${timeout} ms: ${why()}`)),
      timeout,
    );
    const stopLooking = changed(lookAgain);
    signal?.addEventListener('abort', abort, { once: true });
    if (signal?.aborted) abort();
    else lookAgain();
  });
}
