import type { Ask } from '../ssh/credentials.js';

const others = { target: 'hop', hop: 'target' } as const;

/**
 * A profile of x2goclient's whose target and hop have the same password: whichever asks second is told what the first was
 * told, once.
 */
export class SamePassword {
  readonly #kept = new Map<string, Promise<readonly string[]>>();

  /** The questions of one of the two. Only the question for a password is shared. */
  of(profile: string, who: keyof typeof others, ask: Ask): Ask {
    const [own, other] = [`${who} ${profile}`, `${others[who]} ${profile}`];
    return (request) => {
      if (request.kind !== 'password') return ask(request);
      const told = this.#kept.get(own);
      this.#kept.delete(own);
      if (told !== undefined) return told;
      const answer = ask(request);
      this.#kept.set(other, answer);
      // Cancelled: whoever asks next asks a person.
      answer.catch(() => this.#kept.delete(other));
      return answer;
    };
  }
}
