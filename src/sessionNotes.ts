import type { Fact, Profile, ProfileId } from '../machines/vocabulary.js';
import type { Journal } from './journal/journal.js';
import { sessionKey } from './protocol/sessionKey.js';

/** Notes in the journal which sessions we run, from what is told of them: a kill -9 of us must not lose them. */
export class SessionNotes {
  readonly #strikes = new Map<string, () => void>();
  readonly #journal: Journal;
  readonly #profileOf: (id: ProfileId) => Profile | undefined;

  constructor(journal: Journal, profileOf: (id: ProfileId) => Profile | undefined) {
    this.#journal = journal;
    this.#profileOf = profileOf;
  }

  note(fact: Fact): void {
    switch (fact.type) {
      case 'session.registered':
      case 'session.started':
      case 'session.resumed':
        if (fact.by === 'me') this.#begin(fact.profile, fact.session);
        else if (fact.type === 'session.resumed') this.#end(fact.profile, fact.session);
        return;
      case 'session.suspended':
      case 'session.terminated':
        this.#end(fact.profile, fact.session);
        return;
      default:
        return;
    }
  }

  #begin(profile: ProfileId, session: string): void {
    const key = sessionKey(profile, session);
    const known = this.#profileOf(profile);
    if (this.#strikes.has(key) || known === undefined) return;
    this.#strikes.set(key, this.#journal.note({ kind: 'session', session, profile: known }));
  }

  #end(profile: ProfileId, session: string): void {
    const key = sessionKey(profile, session);
    this.#strikes.get(key)?.();
    this.#strikes.delete(key);
  }
}
