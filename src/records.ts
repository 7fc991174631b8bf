import type { Fact, FactType } from '../machines/vocabulary.js';

/** What the guardian emits, and what `--json` prints a line: a fact with its time. */
export type GuardianEventOf<Type extends FactType> = {
  readonly v: 1;
  /** RFC 3339, UTC, milliseconds. */
  readonly time: string;
  readonly event: Type;
} & Omit<Extract<Fact, { type: Type }>, 'type'>;

export type GuardianEventRecord = { [Type in FactType]: GuardianEventOf<Type> }[FactType];

export function recordOf(fact: Fact): GuardianEventRecord {
  const { type, ...rest } = fact;
  return { v: 1, time: new Date().toISOString(), event: type, ...rest } as GuardianEventRecord;
}

type Listener = (record: GuardianEventRecord) => void;

/** The app's listeners. What one of them throws is reported and goes no further. */
export class Listeners {
  readonly #listeners = new Map<FactType | '*', Set<Listener>>();
  readonly #contain: (cause: unknown) => void;

  constructor(contain: (cause: unknown) => void) {
    this.#contain = contain;
  }

  add(type: FactType | '*', listener: (record: never) => void): () => void {
    const listeners = this.#listeners.get(type) ?? new Set();
    this.#listeners.set(type, listeners);
    listeners.add(listener as Listener);
    return () => void listeners.delete(listener as Listener);
  }

  publish(record: GuardianEventRecord): void {
    for (const key of [record.event, '*'] as const) {
      for (const listener of [...(this.#listeners.get(key) ?? [])]) {
        try {
          listener(record);
        } catch (cause) {
          this.#contain(cause);
        }
      }
    }
  }
}
