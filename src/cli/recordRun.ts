import type { Guardian } from '../guardian.js';
import { record } from '../inspection/recording.js';
import { clean } from '../protocol/text.js';
import type { Printer } from './printer.js';
import { versionOfThis } from './version.js';

/** Records a run from before its start, where a file is named, and closes it after the run. Throws file.unwritable. */
export async function recorded<T>(
  file: string | undefined,
  guardian: Guardian,
  printer: Printer,
  run: () => Promise<T>,
): Promise<T> {
  if (file === undefined) return run();
  const recording = record(file, (listener, options) => guardian.feed(listener, options), {
    version: versionOfThis(),
    trouble: ({ message }) => printer.say(`x2go-guardian: ${clean(message)}`),
  });
  try {
    return await run();
  } finally {
    await recording.close();
  }
}
