import type { Presentation, SessionOrder } from '../../machines/orders.js';
import type { ProfileId, SessionId, SessionKind, SessionTag } from '../../machines/vocabulary.js';
import type { WantedState } from './sessionFields.js';

/** A session that is wanted of a profile, by a name of its own. */
export interface Declared {
  readonly profile: ProfileId;
  readonly name: string;
  readonly state: WantedState;
  /** Whether a session like it that somebody else started will do. */
  readonly adopt: boolean;
  readonly order: SessionOrder;
  /** How it is shown when it is resumed. */
  readonly presentation: Presentation;
}

/** Which session a name came to be, written down when it was started or adopted. */
export interface Mark {
  readonly name: string;
  readonly session: SessionId;
  /** The file that declared it. */
  readonly file: string;
}

/** A session that is there, whoever started it. */
export interface SeenSession {
  readonly session: SessionId;
  readonly kind: SessionKind;
  readonly command: string;
  readonly state: SessionTag;
  readonly ageSeconds: number;
  /** Whether this guardian shows it. */
  readonly ours: boolean;
}

export interface Situation {
  readonly declared: readonly Declared[];
  readonly marks: readonly Mark[];
  readonly sessions: readonly SeenSession[];
}

export interface PlanRules {
  readonly file: string;
  /** Whether somebody goes on showing what runs: with nobody, a suspended session is as good as a running one. */
  readonly keeps: boolean;
  /** Whether sessions of ours that the file does not name any more, or names otherwise, are ended. */
  readonly prune: boolean;
}

export type Action = 'start' | 'resume' | 'suspend' | 'terminate' | 'adopt' | 'none';

/** What is to be done for one name, and why. */
export interface Step {
  readonly action: Action;
  readonly profile: ProfileId;
  readonly name: string;
  readonly wanted: WantedState | 'gone';
  readonly session?: SessionId;
  /** What the name was before, and is no more. */
  readonly last?: SessionId;
  /** The session is somebody else's: it becomes this name's first. */
  readonly adopts: boolean;
  readonly reason: string;
  /** Absent: the file does not name it any more. */
  readonly declared?: Declared;
}
