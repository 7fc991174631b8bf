import type { Desktop, ListedSession, Profile } from '../../machines/vocabulary.js';
import { fromFailure } from '../errors.js';
import type { Guardian } from '../guardian.js';
import { firstAnswer } from './answer.js';
import type { Deadline } from './deadline.js';

/** What runs there, as soon as it is known. Throws why it cannot be known. */
export async function firstSessions(
  guardian: Guardian,
  profile: Profile,
  deadline: Deadline,
): Promise<readonly ListedSession[]> {
  const answer = await firstAnswer(guardian, profile, 'sessions', deadline);
  if ('failure' in answer) throw fromFailure(answer.failure);
  return guardian.sessions(profile.id)?.value ?? [];
}

/** What can be shared there. Throws why it cannot be known. */
export async function firstDesktops(
  guardian: Guardian,
  profile: Profile,
  deadline: Deadline,
): Promise<readonly Desktop[]> {
  const answer = await firstAnswer(guardian, profile, 'desktops', deadline);
  if ('failure' in answer) throw fromFailure(answer.failure);
  return guardian.desktops(profile.id)?.value ?? [];
}
