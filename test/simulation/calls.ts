import { toFailure } from '../../src/errors.js';

/** The calls of an app, and how each came out: once. */
export class Calls {
  readonly pending = new Map<number, { readonly what: string; readonly give: AbortController }>();
  /** Calls that came out in a way that no app should see. */
  readonly broken: string[] = [];
  #count = 0;
  readonly #tell: (text: string) => void;

  constructor(tell: (text: string) => void) {
    this.#tell = tell;
  }

  make(what: string, call: (signal: AbortSignal) => Promise<unknown>): void {
    this.#count += 1;
    const id = this.#count;
    const give = new AbortController();
    this.pending.set(id, { what, give });
    const settled = (how: string) => {
      this.pending.delete(id);
      this.#tell(`call ${id} ${what}: ${how}`);
    };
    const made = Promise.resolve().then(() => call(give.signal));
    made.then(
      () => settled('done'),
      (cause) => {
        const { code, message } = toFailure(cause);
        if (code === 'unexpected') this.broken.push(`${what}: ${message}`);
        settled(code);
      },
    );
  }

  abort(): void {
    [...this.pending.values()].at(-1)?.give.abort();
  }
}
