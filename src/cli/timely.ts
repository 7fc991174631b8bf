import type { CallOptions } from '../calls.js';
import { X2GoError } from '../errors.js';
import type { Deadline } from './deadline.js';

const longestTimer = 2 ** 31 - 1;

/** Makes a call of the library end with the command's own deadline, which stands still while a person is asked. */
export async function timely<T>(
  deadline: Deadline,
  what: string,
  call: (options: CallOptions) => Promise<T>,
): Promise<T> {
  try {
    return await call({ signal: deadline.signal, timeout: longestTimer });
  } catch (cause) {
    if (!deadline.signal.aborted) throw cause;
    throw new X2GoError('call.timedOut', `${what} within ${deadline.ms} ms`, { cause });
  }
}
