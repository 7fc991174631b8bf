import { X2GoError } from '../errors.js';

const exhausted = ['EMFILE', 'ENFILE', 'ENOMEM', 'EAGAIN'];

/** What the system refused, by its name: too few file descriptors, processes or memory, or a file that cannot be written. */
export function localFailure(cause: unknown, what: string): X2GoError {
  if (cause instanceof X2GoError) return cause;
  const code = (cause as NodeJS.ErrnoException).code ?? '';
  if (exhausted.includes(code)) {
    const message = `${what}: this machine has no more to give (${code}): too many open files or processes, or no memory`;
    return new X2GoError('local.exhausted', message, { cause });
  }
  return new X2GoError('file.unwritable', `${what}: ${code || String(cause)}`, { cause });
}
