import type { ProfileId } from '../../machines/vocabulary.js';
import { fromFailure, type X2GoError } from '../errors.js';
import type { Guardian } from '../guardian.js';

/**
 * Rejects when the line of a profile is refused for good, or when it cannot be had at all. A line that was up once is
 * waited for.
 */
export function lineTrouble(guardian: Guardian, profile: ProfileId): Promise<never> {
  let wasUp = false;
  const trouble = new Promise<never>((_, reject: (cause: X2GoError) => void) => {
    guardian.on('*', (record) => {
      if (!('profile' in record) || record.profile !== profile) return;
      if (record.event === 'profile.connected') wasUp = true;
      const isOver = record.event === 'profile.failed' || (record.event === 'profile.lost' && !wasUp);
      if (isOver) reject(fromFailure(record.failure));
    });
  });
  // Nobody may be waiting any more.
  trouble.catch(() => undefined);
  return trouble;
}
