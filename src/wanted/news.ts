import type { Failure, ProfileId, SessionId } from '../../machines/vocabulary.js';
import type { Step } from './model.js';

/** What there is to tell of wanted sessions. */
export type WantedNews =
  | ({ readonly type: 'wanted.planned' } & Planned)
  | {
      readonly type: 'wanted.applied';
      readonly profile: ProfileId;
      readonly name: string;
      readonly action: Step['action'];
      readonly outcome: 'done' | 'failed';
      readonly tookMs: number;
      readonly session?: SessionId;
      readonly failure?: Failure;
    }
  /** It died, or could not be brought, again and again: the next attempt waits. */
  | {
      readonly type: 'wanted.delayed';
      readonly profile: ProfileId;
      readonly name: string;
      readonly action: Step['action'];
      readonly attempt: number;
      readonly retryInMs: number;
      readonly failure?: Failure;
    }
  /** It is not brought back any more by this run. */
  | {
      readonly type: 'wanted.givenUp';
      readonly profile: ProfileId;
      readonly name: string;
      readonly attempts: number;
      readonly failure?: Failure;
    };

type Planned = Pick<Step, 'profile' | 'name' | 'action' | 'wanted' | 'session' | 'adopts' | 'reason'>;

export const planned = ({ profile, name, action, wanted, session, adopts, reason }: Step): WantedNews => ({
  type: 'wanted.planned',
  profile,
  name,
  action,
  wanted,
  ...(session === undefined ? {} : { session }),
  adopts,
  reason,
});
