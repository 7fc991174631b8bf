import type { Clock } from '../clock.js';
import { X2GoError } from '../errors.js';

interface Timed {
  /** What it is called in messages. */
  readonly name: string;
  readonly deadlineMs: number;
}

/**
 * Works under a signal that aborts with command.timedOut at the deadline, and with command.aborted when its caller gives up.
 * Throws what the work throws.
 */
export async function withDeadline<Result>(
  clock: Clock,
  { name, deadlineMs }: Timed,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const give = new AbortController();
  const stop = () => give.abort(new X2GoError('command.aborted', `${name} was told to stop`));
  const timer = clock.setTimeout(() => {
    const seconds = deadlineMs / 1_000;
    give.abort(new X2GoError('command.timedOut', `${name} gave no answer within ${seconds} s`));
  }, deadlineMs);
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  try {
    return await work(give.signal);
  } finally {
    clock.clearTimeout(timer);
    signal.removeEventListener('abort', stop);
  }
}
