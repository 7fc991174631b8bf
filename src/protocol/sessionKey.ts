import type { ProfileId, SessionId } from '../../machines/vocabulary.js';

/** Under this key the actors of one session find what they share outside the charts. */
export const sessionKey = (profile: ProfileId, session: SessionId): string => `${profile} ${session}`;
