import type { ListedSession, Profile, SessionId } from '../../machines/vocabulary.js';
import type { Guardian } from '../guardian.js';
import { parseSessionName } from '../protocol/sessionName.js';
import type { Marks } from './marks.js';
import type { Declared, SeenSession, Situation } from './model.js';

type Asked = Pick<Guardian, 'sessions' | 'session'>;

/** What a profile is to have and has, as far as the guardian knows. Undefined: nothing is known. Throws file.unreadable. */
export function situationOf(
  guardian: Asked,
  profile: Profile,
  declared: readonly Declared[],
  marks: Marks,
): Situation | undefined {
  const listed = guardian.sessions(profile.id)?.value;
  if (listed === undefined) return undefined;
  const known = marks.of(profile);
  const listing = new Set(listed.map(({ session }) => session));
  const unlisted = known.filter(({ session }) => !listing.has(session));
  const sessions = [
    ...listed.map((row) => followed(guardian, profile, row)),
    ...unlisted.flatMap(({ session }) => justStarted(guardian, profile, session)),
  ];
  return {
    declared: declared.filter((one) => one.profile === profile.id),
    marks: known,
    sessions,
  };
}

/** What the guardian follows it knows better than its last listing. */
function followed(guardian: Asked, { id }: Profile, row: ListedSession): SeenSession {
  const { session, kind, command, ageSeconds } = row;
  const { state, ours } = guardian.session(id, session).inspect();
  return { session, kind, command, ageSeconds, ours, state: state === 'terminated' ? row.state : state };
}

/** Newer than the last listing. */
function justStarted(guardian: Asked, { id }: Profile, session: SessionId): readonly SeenSession[] {
  const { state, ours } = guardian.session(id, session).inspect();
  const parsed = parseSessionName(session);
  if (state === 'terminated' || !parsed.ok) return [];
  const { kind, command } = parsed.name;
  return [{ session, kind, command, ageSeconds: 0, ours, state }];
}
