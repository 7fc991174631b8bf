import type { Profile, SessionId } from '../../machines/vocabulary.js';
import { fromFailure, toFailure, X2GoError } from '../errors.js';
import type { Guardian } from '../guardian.js';
import { act } from '../wanted/act.js';
import type { Marks } from '../wanted/marks.js';
import type { Declared, Step } from '../wanted/model.js';
import type { WantedNews } from '../wanted/news.js';
import { planWanted } from '../wanted/plan.js';
import { situationOf } from '../wanted/situation.js';
import { firstAnswer } from './answer.js';
import type { Deadline } from './deadline.js';
import type { ProfileFailure } from './records.js';
import { timely } from './timely.js';

/** What `plan` and `apply` work with. */
export interface WantedWork {
  readonly guardian: Guardian;
  readonly declared: readonly Declared[];
  readonly marks: Marks;
  readonly file: string;
  readonly prune: boolean;
  readonly deadline: Deadline;
  /** Aborted when the command is to end, or has no time left. */
  readonly signal: AbortSignal;
  readonly tell: (news: WantedNews) => void;
}

/** What differs at one profile, by its first listing. Never rejects. */
export async function stepsOf(
  profile: Profile,
  { guardian, declared, marks, file, prune, deadline }: WantedWork,
): Promise<{ readonly steps: readonly Step[] } | ProfileFailure> {
  try {
    const answer = await firstAnswer(guardian, profile, 'sessions', deadline);
    if ('failure' in answer) throw fromFailure(answer.failure);
    // One of them might be ours: it would be started a second time.
    if (answer.skippedRows > 0) throw new X2GoError('command.garbled', 'Not all of the list was understood');
    const situation = situationOf(guardian, profile, declared, marks);
    const rules = { file, keeps: false, prune };
    return { steps: situation === undefined ? [] : planWanted(profile.id, situation, rules) };
  } catch (cause) {
    return { profile: profile.id, failure: toFailure(cause) };
  }
}

/** Does the steps of one profile one after the other; gives what could not be done. Never rejects. */
export async function applied(
  steps: readonly Step[],
  profile: Profile,
  { guardian, marks, file, deadline, signal, tell }: WantedWork,
): Promise<readonly ProfileFailure[]> {
  const failures: ProfileFailure[] = [];
  for (const step of steps) {
    if (step.action === 'none') continue;
    const { name, action } = step;
    const begun = performance.now();
    const about = { type: 'wanted.applied', profile: profile.id, name, action } as const;
    const result = (session: SessionId | undefined) => ({
      tookMs: Math.round(performance.now() - begun),
      ...(session === undefined ? {} : { session }),
    });
    try {
      const session = await timely(deadline, `${name} was not seen to`, () =>
        act(step, profile, { guardian, marks, file, keeps: false, signal }),
      );
      tell({ ...about, outcome: 'done', ...result(session) });
    } catch (cause) {
      const failure = toFailure(cause);
      tell({ ...about, outcome: 'failed', ...result(step.session), failure });
      failures.push({ profile: profile.id, failure });
      if (signal.aborted) break;
    }
  }
  return failures;
}
