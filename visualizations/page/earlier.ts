import type { HistoryEntry } from '../../src/inspection/history.js';

const none: readonly HistoryEntry[] = [];

/** What the guardian remembers of the actor that is looked at: its steps from before the page was opened as well. */
export class Earlier {
  readonly #changed: () => void;
  #id: string | undefined;
  #steps = none;

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  /** What is known so far; what is not is asked for. */
  of(id: string): readonly HistoryEntry[] {
    if (id !== this.#id) void this.#ask(id);
    return this.#steps;
  }

  /** It is asked for anew. */
  forget(): void {
    this.#id = undefined;
  }

  async #ask(id: string): Promise<void> {
    this.#id = id;
    this.#steps = none;
    if (id === '') return;
    const steps = await fetch(`/history?id=${encodeURIComponent(id)}`).then(
      async (response) => (response.ok ? ((await response.json()) as { steps: HistoryEntry[] }).steps : none),
      () => none,
    );
    if (this.#id !== id) return;
    this.#steps = steps;
    this.#changed();
  }
}
