import type { Ask, AskRequest, Credentials } from './credentials.js';

/** What one login asks of a person, and what came of it. */
export interface LoginAnswers {
  /** Undefined where nobody can be asked. */
  readonly ask: Ask | undefined;
  /** Asks what the last login had to ask, before there is a connection on which the server's patience runs out. */
  askAhead(): Promise<void>;
  accepted(): void;
  /** Forgets what was refused. True when a person has not been asked for it in this login: it is worth another one. */
  refused(what: 'login' | 'key'): boolean;
}

/**
 * What a person answered for one profile. A question belongs to the profile and not to one login: a line that breaks while
 * somebody is typing takes nothing away, the next login waits for the same answer. Accepted passwords and passphrases open
 * the next line too, unless the credentials say otherwise. A one-time code is handed to one login, and asked for only when
 * a server asks: before that it would be stale.
 */
export class Answers {
  readonly #questions = new Map<string, Promise<readonly string[]>>();
  /** The password question of the last login that got through. */
  #needed: AskRequest | undefined;
  readonly #hops = new Map<string, Answers>();

  /** Those for a hop on the way: what it is told is not for the next one. */
  of(hop: string): Answers {
    const answers = this.#hops.get(hop) ?? new Answers();
    this.#hops.set(hop, answers);
    return answers;
  }

  /** `isLive` is false when the login has ended: what a person says then is for the next one. */
  begin(credentials: Credentials, isLive: () => boolean): LoginAnswers {
    const { remember = true, password, order } = credentials;
    const used = new Map<string, AskRequest>();
    const own = new Map<string, Promise<readonly string[]>>();
    const reused = new Set<string>();

    const put = (key: string, request: AskRequest, person: Ask): Promise<readonly string[]> => {
      const question = Promise.resolve().then(() => person(request));
      this.#questions.set(key, question);
      // Cancelled: the next login may ask again.
      question.catch(() => this.#forget(key, question));
      return question;
    };
    const ask = async (request: AskRequest, person: Ask): Promise<readonly string[]> => {
      const key = JSON.stringify(request);
      const isCode = request.kind === 'keyboard-interactive';
      const before = (isCode ? undefined : own.get(key)) ?? this.#questions.get(key);
      if (before !== undefined && !own.has(key)) reused.add(key);
      const question = before ?? put(key, request, person);
      own.set(key, question);
      used.set(key, request);
      const answers = await question;
      if (isCode && isLive()) this.#forget(key, question);
      return answers;
    };
    const drop = (kinds: readonly AskRequest['kind'][]): boolean => {
      const keys = [...used].filter(([, { kind }]) => kinds.includes(kind)).map(([key]) => key);
      for (const key of keys) this.#questions.delete(key);
      return keys.some((key) => reused.has(key));
    };
    const { ask: person } = credentials;
    const asks = person && ((request: AskRequest) => ask(request, person));
    return {
      ask: asks,
      askAhead: async () => {
        const isUsual = password === undefined && (order?.includes('password') ?? true);
        const needed = isUsual ? this.#needed : undefined;
        if (needed === undefined || this.#questions.has(JSON.stringify(needed))) return;
        await asks?.(needed).catch(() => undefined);
      },
      accepted: () => {
        this.#needed = [...used.values()].find(({ kind }) => kind === 'password');
        drop(remember ? ['keyboard-interactive'] : ['password', 'passphrase', 'keyboard-interactive']);
      },
      refused: (what) => drop(what === 'key' ? ['passphrase'] : ['password', 'keyboard-interactive']),
    };
  }

  #forget(key: string, question: Promise<readonly string[]>): void {
    if (this.#questions.get(key) === question) this.#questions.delete(key);
  }
}
