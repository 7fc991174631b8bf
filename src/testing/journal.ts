import type { Journal, JournalEntry } from '../journal/journal.js';

/** A journal in memory, on a disk that may be full. */
export class SimulatedJournal implements Journal {
  /** Nothing is written while it is. */
  full = false;
  /** What was not written since the disk was full. */
  missed = 0;
  isClosed = false;
  readonly noted = new Set<JournalEntry>();
  readonly #held = new Set<string>();

  note(entry: JournalEntry): () => void {
    if (this.full) {
      this.missed += 1;
      return () => undefined;
    }
    this.noted.add(entry);
    return () => void this.noted.delete(entry);
  }

  hold(session: string): (() => void) | undefined {
    if (this.#held.has(session)) return undefined;
    this.#held.add(session);
    return () => void this.#held.delete(session);
  }

  /** Sessions that are being resumed. */
  get holds(): readonly string[] {
    return [...this.#held];
  }

  close(): void {
    this.isClosed = true;
  }
}
