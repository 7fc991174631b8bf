import type { OperationSettled } from '../../machines/sessionModel.js';

interface Asked {
  readonly profile: string;
  session: string | undefined;
}

/** Which operation a record about a session belongs to. */
export class OperationIds {
  readonly #asked = new Map<string, Asked>();

  asked(operation: string, profile: string, session: string | undefined): void {
    this.#asked.set(operation, { profile, session });
  }

  /** What is told in the same breath still belongs to it. */
  settled({ operation }: OperationSettled): Asked | undefined {
    const asked = this.#asked.get(operation);
    queueMicrotask(() => this.#asked.delete(operation));
    return asked;
  }

  /** Of several that wait for the same the first. A start has its session's name from its progress. */
  of(fields: Readonly<Record<string, unknown>>): string | undefined {
    const { operation, profile, session } = fields;
    if (typeof operation === 'string') {
      const start = this.#asked.get(operation);
      if (start && typeof session === 'string') start.session = session;
      return operation;
    }
    if (typeof session !== 'string') return undefined;
    for (const [id, asked] of this.#asked)
      if (asked.session === session && asked.profile === profile) return id;
    return undefined;
  }
}
