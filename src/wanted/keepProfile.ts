import type { Failure, Profile, SessionId } from '../../machines/vocabulary.js';
import { toFailure } from '../errors.js';
import type { GuardianEventRecord } from '../records.js';
import { act } from './act.js';
import { Courses } from './courses.js';
import type { Keeping } from './keep.js';
import type { Step } from './model.js';
import { planned } from './news.js';
import { planWanted } from './plan.js';
import { situationOf } from './situation.js';

/** Keeps the sessions of one profile, one change after the other: of two starts at once a server may refuse one. */
export class ProfileKeeper {
  readonly #keeping: Keeping;
  readonly #profile: Profile;
  readonly #courses: Courses;
  readonly #closing = new AbortController();
  readonly #told = new Map<string, string>();
  readonly #names = new Map<SessionId, string>();
  #timer: unknown;
  #isBusy = false;
  #isNew = false;
  /** A row of the list was not understood: it might be one of ours. */
  #isDoubtful = false;

  constructor(keeping: Keeping, profile: Profile) {
    this.#keeping = keeping;
    this.#profile = profile;
    this.#courses = new Courses(profile.id, keeping.tell);
  }

  hear(record: GuardianEventRecord): void {
    if (record.event === 'session.suspended') this.#settle(record.session);
    if (record.event === 'cache.refreshed' && record.cache === 'sessions')
      this.#isDoubtful = record.skippedRows > 0;
    if (/^session\.(?!progress)|^cache\.refreshed$/.test(record.event)) this.#wake();
  }

  /** What is under way is taken back. */
  close(): void {
    this.#closing.abort();
    this.#keeping.clock.clearTimeout(this.#timer);
  }

  readonly #wake = (): void => {
    this.#isNew = true;
    if (!this.#isBusy) void this.#run();
  };

  async #run(): Promise<void> {
    this.#isBusy = true;
    while (this.#isNew && !this.#closing.signal.aborted) {
      this.#isNew = false;
      // A fact is told before what it is about is so.
      await Promise.resolve();
      const step = this.#next();
      if (step === undefined) continue;
      await this.#attempt(step);
      this.#isNew = true;
    }
    this.#isBusy = false;
  }

  /** The first thing to be done now; of what has to wait, it is woken for the first. */
  #next(): Step | undefined {
    const { clock } = this.#keeping;
    clock.clearTimeout(this.#timer);
    let soonest = Number.POSITIVE_INFINITY;
    for (const step of this.#look()) {
      if (step.action === 'none') continue;
      const waitMs = this.#courses.rest(step, clock.now());
      if (waitMs === 0) return step;
      soonest = Math.min(soonest, waitMs);
    }
    if (Number.isFinite(soonest)) this.#timer = clock.setTimeout(this.#wake, soonest);
    return undefined;
  }

  #look(): readonly Step[] {
    const { guardian, declared, marks, file, prune } = this.#keeping;
    try {
      const situation = situationOf(guardian, this.#profile, declared, marks);
      if (situation === undefined || this.#isDoubtful) return [];
      const steps = planWanted(this.#profile.id, situation, { file, keeps: true, prune });
      for (const step of steps) this.#tellNew(step);
      return steps;
    } catch (cause) {
      this.#tellTrouble(toFailure(cause));
      return [];
    }
  }

  #tellNew(step: Step): void {
    const what = `${step.action} ${step.session} ${step.reason}`;
    const before = this.#told.get(step.name);
    this.#told.set(step.name, what);
    if (step.session !== undefined) this.#names.set(step.session, step.name);
    // That all is well again is told by what was done.
    if (before === what || (before !== undefined && step.action === 'none')) return;
    this.#keeping.tell(planned(step));
  }

  /** Without the marks nothing is done: it would be done twice. */
  #tellTrouble(failure: Failure): void {
    const { id: profile } = this.#profile;
    for (const { name, profile: own } of this.#keeping.declared) {
      if (own !== profile || this.#told.get(name) === failure.message) continue;
      this.#told.set(name, failure.message);
      this.#keeping.tell({ type: 'wanted.givenUp', profile, name, attempts: 0, failure });
    }
  }

  async #attempt(step: Step): Promise<void> {
    const { guardian, marks, file, clock, tell } = this.#keeping;
    const { name, action } = step;
    const { signal } = this.#closing;
    const begun = clock.now();
    this.#courses.begin(name, begun);
    const about = { type: 'wanted.applied', profile: this.#profile.id, name, action } as const;
    const result = (session: SessionId | undefined) => ({
      tookMs: Math.round(clock.now() - begun),
      ...(session === undefined ? {} : { session }),
    });
    try {
      const session = await act(step, this.#profile, { guardian, marks, file, keeps: true, signal });
      tell({ ...about, outcome: 'done', ...result(session) });
    } catch (cause) {
      if (signal.aborted) return;
      const failure = toFailure(cause);
      tell({ ...about, outcome: 'failed', ...result(step.session), failure });
      this.#courses.fail(name, failure, clock.now());
    }
  }

  /** Another client may be about to take it over. */
  #settle(session: SessionId): void {
    const { clock, settleMs } = this.#keeping;
    const name = this.#names.get(session);
    if (name !== undefined) this.#courses.settle(name, clock.now() + settleMs);
  }
}
