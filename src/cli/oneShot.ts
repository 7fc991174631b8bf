import type { Profile } from '../../machines/vocabulary.js';
import type { Guardian } from '../guardian.js';
import { type Context, failed, type Outcome } from './command.js';
import type { Deadline } from './deadline.js';
import { until } from './ending.js';

/**
 * Asks every profile once, all at the same time, and ends the guardian. A profile that has answered is let go, so that
 * it is not asked again while others are waited for. Gives whether something had to be forced.
 */
export async function askOnce(
  guardian: Guardian,
  profiles: readonly Profile[],
  deadline: Deadline,
  { ending }: Context,
  ask: (profile: Profile) => Promise<() => void>,
): Promise<boolean> {
  guardian.actor.subscribe({ error: (cause) => ending.crash(cause) });
  ending.forced.addEventListener('abort', () => guardian.force());
  const answers = profiles.map(async (profile) => {
    const tell = await ask(profile);
    if (ending.asked.aborted) return;
    guardian.removeProfile(profile.id);
    tell();
  });
  let isForced = false;
  try {
    await guardian.start();
    deadline.start();
    await Promise.race([Promise.all(answers), until(ending.asked)]);
  } finally {
    deadline.close();
    const report = await guardian.stop(ending.asked.aborted ? ending.reason : 'all have answered');
    isForced = report.some(({ outcome }) => outcome === 'forced' || outcome === 'failed');
  }
  return isForced;
}

/** How a command ended that was told to end before it was done. Undefined: it was not. */
export function cutShort({ ending }: Context, forced: boolean): Outcome | undefined {
  if (ending.isStdoutClosed) return { failures: [], forced };
  if (!ending.asked.aborted) return undefined;
  const message = `Ended before all answers were there: ${ending.reason}`;
  return { ...failed({ code: 'call.aborted', message, retryable: true }), forced };
}
