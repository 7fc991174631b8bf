import { X2GoError } from '../errors.js';
import type { Input } from './io.js';

const longestPassword = 4_096;

/** The first line of stdin. Throws usage.invalid when there is none, call.aborted when the command is to end. */
export async function readPassword(stdin: Input, signal: AbortSignal): Promise<string> {
  return (await readPasswords(stdin, signal, 1))[0];
}

/** As readPassword, for the first two lines; the second is undefined where stdin ends before it. */
export const readTwoPasswords = (stdin: Input, signal: AbortSignal) => readPasswords(stdin, signal, 2);

async function readPasswords(
  stdin: Input,
  signal: AbortSignal,
  count: number,
): Promise<readonly [string, string | undefined]> {
  if (stdin.isTTY === true) {
    throw new X2GoError(
      'usage.invalid',
      '--password-stdin reads from a pipe or a file. On a terminal leave it out',
    );
  }
  let text = '';
  signal.addEventListener('abort', () => stdin.destroy(), { once: true });
  try {
    for await (const chunk of stdin.setEncoding('utf8')) {
      text += chunk;
      if (text.split('\n').length > count || text.length > count * longestPassword) break;
    }
  } catch {
    // What was cut off is told apart below.
  }
  if (signal.aborted) throw new X2GoError('call.aborted', 'Ended before a password came');
  const [line = '', second] = text.split(/\r?\n/).slice(0, count);
  if (line === '') throw new X2GoError('usage.invalid', '--password-stdin found no password on stdin');
  if (line.length > longestPassword || (second ?? '').length > longestPassword) {
    throw new X2GoError(
      'usage.invalid',
      `--password-stdin found a line of more than ${longestPassword} characters`,
    );
  }
  return [line, second || undefined];
}
