import type { Failure, FailureCode, ProfileId } from '../../machines/vocabulary.js';
import type { Step } from './model.js';
import type { WantedNews } from './news.js';
import { fresh, type Pace, tried, triesOf, waitFor } from './pace.js';

/** What was planned is not so any more: to be looked at anew, and nobody's fault. */
const passing: ReadonlySet<FailureCode> = new Set([
  'session.unknown',
  'session.ended',
  'session.locked',
  'session.takenOver',
]);

interface Course extends Pace {
  readonly failure?: Failure;
  readonly givenUp?: true;
}

/** How it goes with each name of a profile: which may be seen to now, which has to wait, which is given up. */
export class Courses {
  readonly #profile: ProfileId;
  readonly #tell: (news: WantedNews) => void;
  readonly #courses = new Map<string, Course>();
  readonly #dues = new Map<string, number>();

  constructor(profile: ProfileId, tell: (news: WantedNews) => void) {
    this.#profile = profile;
    this.#tell = tell;
  }

  /** How long a step has to wait, in ms; infinite, when it is given up. A wait is told once. */
  rest({ name, action }: Step, now: number): number {
    const course = this.#of(name);
    if (course.givenUp) return Number.POSITIVE_INFINITY;
    const waitMs = waitFor(course, now);
    const attempts = triesOf(course, now);
    if (waitMs === undefined) return this.#giveUp(name, attempts);
    const due = Math.round(now + waitMs);
    if (waitMs > 0 && this.#dues.get(name) !== due) {
      this.#dues.set(name, due);
      const about = this.#about(name);
      const retryInMs = Math.ceil(waitMs);
      this.#tell({ type: 'wanted.delayed', ...about, action, attempt: attempts + 1, retryInMs });
    }
    return waitMs;
  }

  begin(name: string, now: number): void {
    this.#courses.set(name, tried(this.#of(name), now));
  }

  /** Where no retry can help it is given up. */
  fail(name: string, failure: Failure, now: number): void {
    const course = { ...this.#of(name), failed: true, failure };
    this.#courses.set(name, course);
    if (!failure.retryable && !passing.has(failure.code)) this.#giveUp(name, triesOf(course, now));
  }

  /** It is left alone until then. */
  settle(name: string, until: number): void {
    this.#courses.set(name, { ...this.#of(name), notBefore: until });
  }

  #of(name: string): Course {
    return this.#courses.get(name) ?? fresh;
  }

  #giveUp(name: string, attempts: number): number {
    this.#courses.set(name, { ...this.#of(name), givenUp: true });
    this.#tell({ type: 'wanted.givenUp', ...this.#about(name), attempts });
    return Number.POSITIVE_INFINITY;
  }

  #about(name: string) {
    const { failure } = this.#of(name);
    return { profile: this.#profile, name, ...(failure === undefined ? {} : { failure }) };
  }
}
