import type { Guardian, GuardianEventOf, GuardianEventRecord } from '../../src/index.js';
import { EventLog } from './eventLog.js';

/** The next event of that name (and kind) from now on. Rejects with what came instead. */
export function until<Name extends GuardianEventRecord['event']>(
  guardian: Guardian,
  name: Name,
  match?: (record: GuardianEventOf<Name>) => boolean,
  within?: number,
): Promise<GuardianEventOf<Name>> {
  return new EventLog(guardian).until(name, match, within === undefined ? {} : { within });
}

/** Waits for anything else that can be seen; `what` names it when it does not come. */
export async function eventually(what: string, holds: () => boolean, within = 5_000): Promise<void> {
  const deadline = performance.now() + within;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(`not so within ${within} ms: ${what}`);
    await pause(10);
  }
}

/** Only where nothing is to happen for a while. */
export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
