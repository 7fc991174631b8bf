import { X2GoError } from '../errors.js';
import type { Input } from './io.js';

const longestPassword = 4_096;

/** The first line of stdin. Throws usage.invalid when there is none, call.aborted when the command is to end. */
export async function readPassword(stdin: Input, signal: AbortSignal): Promise<string> {
  if (stdin.isTTY === true) {
    throw new X2GoError(
      'usage.invalid',
      '--password-stdin reads from a pipe or a file. On a terminal leave it out',
    );
  }
  let text = '';
  const stop = () => stdin.destroy();
  signal.addEventListener('abort', stop, { once: true });
  try {
    for await (const chunk of stdin.setEncoding('utf8')) {
      text += chunk;
      if (text.includes('\n') || text.length > longestPassword) break;
    }
  } catch {
    // What was cut off is told apart below.
  } finally {
    signal.removeEventListener('abort', stop);
    stdin.destroy();
  }
  if (signal.aborted) throw new X2GoError('call.aborted', 'Ended before a password came');
  const [line = ''] = text.split(/\r?\n/);
  if (line === '') throw new X2GoError('usage.invalid', '--password-stdin found no password on stdin');
  if (line.length > longestPassword) {
    throw new X2GoError(
      'usage.invalid',
      `--password-stdin found a line of more than ${longestPassword} characters`,
    );
  }
  return line;
}
