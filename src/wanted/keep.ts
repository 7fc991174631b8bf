import type { Profile } from '../../machines/vocabulary.js';
import type { Clock } from '../clock.js';
import type { Guardian } from '../guardian.js';
import { ProfileKeeper } from './keepProfile.js';
import type { Marks } from './marks.js';
import type { Declared } from './model.js';
import type { WantedNews } from './news.js';

export interface Keeping {
  readonly guardian: Pick<
    Guardian,
    'on' | 'sessions' | 'session' | 'startSession' | 'resumeSession' | 'suspendSession' | 'terminateSession'
  >;
  readonly profiles: readonly Profile[];
  readonly declared: readonly Declared[];
  readonly marks: Marks;
  readonly file: string;
  readonly prune: boolean;
  readonly clock: Clock;
  /** How long a session that was suspended is left alone, in ms: another client may be about to take it over. */
  readonly settleMs: number;
  readonly tell: (news: WantedNews) => void;
}

/**
 * Keeps the sessions of the profiles as they are declared, on what the guardian tells of them: it asks the server for nothing
 * that the guardian would not. What fails is told, and tried again ever more slowly; nothing is thrown. Needs
 * `autoUpdateListSessionsCache` and `autoRegisterSessions`. Ends with the guardian, or by what it gives back: a start
 * that is under way is taken back then.
 */
export function keepWanted(keeping: Keeping): () => void {
  const { guardian, profiles } = keeping;
  const keepers = new Map(profiles.map((profile) => [profile.id, new ProfileKeeper(keeping, profile)]));
  const off = guardian.on('*', (record) => {
    if (record.event === 'guardian.terminating') return close();
    if ('profile' in record && record.profile !== undefined) keepers.get(record.profile)?.hear(record);
  });
  const close = () => {
    off();
    for (const keeper of keepers.values()) keeper.close();
  };
  return close;
}
