import type { ReportEntry } from '../machines/vocabulary.js';

export type ResourceKind = ReportEntry['kind'];
export type Outcome = ReportEntry['outcome'];

/** Gives a resource back. When `hurry` aborts it must end without waiting any longer. */
export type Dispose = (hurry: AbortSignal) => Outcome | Promise<Outcome>;

interface Owned {
  readonly kind: ResourceKind;
  readonly id: string;
  readonly dispose: Dispose;
  entry: Promise<ReportEntry> | undefined;
}

/** More last words than anybody reads. */
const mostWords = 1_000;

/**
 * What is open on behalf of one owner, outside XState, so that it is disposed of even when the actor that opened it
 * crashed. Resources are given back in reverse order of opening. Nothing here throws or rejects.
 */
export class Scope {
  readonly #open: Owned[] = [];
  /** The last word about each resource that was given back, for the report. */
  readonly #closed = new Map<string, ReportEntry>();
  readonly #children = new Map<string, Scope>();
  readonly #hurry = new AbortController();
  #closing: Promise<readonly ReportEntry[]> | undefined;
  readonly #now: () => number;
  readonly #emptied: (() => void) | undefined;

  /** `emptied` is called by an inner scope whenever nothing is open in it. */
  constructor(now: () => number, emptied?: () => void) {
    this.#now = now;
    this.#emptied = emptied;
  }

  /** Registers a resource before it is acquired. The function it returns gives it back. */
  own(kind: ResourceKind, id: string, dispose: Dispose): () => Promise<ReportEntry> {
    const owned: Owned = { kind, id, dispose, entry: undefined };
    this.#open.push(owned);
    if (this.#hurry.signal.aborted) void this.#give(owned);
    return () => this.#give(owned);
  }

  /** The scope of one profile; below that, of one of its sessions. */
  of(name: string): Scope {
    let child = this.#children.get(name);
    if (child === undefined) {
      child = new Scope(this.#now, () => this.#absorb(name));
      if (this.#hurry.signal.aborted) child.hurry();
      this.#children.set(name, child);
    }
    return child;
  }

  /** An inner scope in which nothing is open any more leaves only its last words: sessions come and go. */
  #absorb(name: string): void {
    const child = this.#children.get(name);
    if (child === undefined || this.#emptied === undefined || child.#closing || child.open.length > 0) return;
    this.#children.delete(name);
    for (const [key, entry] of child.#closed) this.#remember(key, entry);
  }

  #remember(key: string, entry: ReportEntry): void {
    this.#closed.delete(key);
    this.#closed.set(key, entry);
    const [oldest] = this.#closed.keys();
    if (this.#closed.size > mostWords && oldest !== undefined) this.#closed.delete(oldest);
  }

  /** Everything that is open here and below, for checks and for inspection. */
  get open(): readonly { readonly kind: ResourceKind; readonly id: string }[] {
    const below = [...this.#children.values()].flatMap((child) => child.open);
    return [...below, ...this.#open.map(({ kind, id }) => ({ kind, id }))];
  }

  /**
   * Closes everything, children first and all at once, own resources in reverse order. May be called again; whoever
   * calls while somebody else's closing is under way (and may have given up waiting) gets to know what came of that too.
   */
  async close(): Promise<readonly ReportEntry[]> {
    const closing = this.#closeAfter(this.#closing);
    this.#closing = closing;
    const entries = await closing;
    if (this.#closing === closing) this.#closing = undefined;
    return entries;
  }

  async #closeAfter(other: Promise<readonly ReportEntry[]> | undefined): Promise<readonly ReportEntry[]> {
    const earlier = other ? await other : [];
    const children = await Promise.all(
      [...this.#children].map(([name, child]) => this.#closeInner(name, child)),
    );
    for (const name of this.#children.keys()) this.#children.delete(name);
    await this.#giveAll();
    const own = [...this.#closed.values()];
    this.#closed.clear();
    return [...earlier, ...children.flat(), ...own];
  }

  /** Closes one child, as a profile in the report. */
  async closeChild(name: string): Promise<readonly ReportEntry[]> {
    const child = this.#children.get(name);
    if (child === undefined) return [{ kind: 'profile', id: name, outcome: 'closed', tookMs: 0 }];
    const entries = await this.#closeInner(name, child);
    this.#children.delete(name);
    return entries;
  }

  /** Gives back what one child itself holds, not what its own children do, and keeps what there is to say about it for the report. */
  async settle(name: string): Promise<void> {
    const child = this.#children.get(name);
    if (child) await child.#giveAll();
  }

  /** From now on nothing here waits. */
  hurry(): void {
    this.#hurry.abort();
    for (const child of this.#children.values()) child.hurry();
  }

  async #giveAll(): Promise<void> {
    for (const owned of [...this.#open].reverse()) await this.#give(owned);
  }

  async #closeAs(name: string): Promise<readonly ReportEntry[]> {
    const started = this.#now();
    const entries = await this.close();
    const outcome = entries.some((entry) => entry.outcome === 'failed' || entry.outcome === 'forced')
      ? 'forced'
      : 'closed';
    return [...entries, { kind: 'profile', id: name, outcome, tookMs: Math.round(this.#now() - started) }];
  }

  /** Only the outermost scopes are profiles. */
  #closeInner(name: string, child: Scope): Promise<readonly ReportEntry[]> {
    return this.#emptied === undefined ? child.#closeAs(name) : child.close();
  }

  #give(owned: Owned): Promise<ReportEntry> {
    owned.entry ??= this.#dispose(owned);
    return owned.entry;
  }

  async #dispose(owned: Owned): Promise<ReportEntry> {
    const { kind, id, dispose } = owned;
    const started = this.#now();
    let outcome: Outcome;
    let failure: string | undefined;
    try {
      outcome = await dispose(this.#hurry.signal);
    } catch (cause) {
      outcome = 'failed';
      failure = cause instanceof Error ? cause.message : String(cause);
    }
    const tookMs = Math.round(this.#now() - started);
    const entry: ReportEntry = { kind, id, outcome, tookMs, ...(failure === undefined ? {} : { failure }) };
    this.#open.splice(this.#open.indexOf(owned), 1);
    // Timers and short-lived channels are only worth a line when they could not be ended.
    if (outcome === 'failed' || (kind !== 'timer' && kind !== 'channel'))
      this.#remember(`${kind} ${id}`, entry);
    if (this.#open.length === 0) this.#emptied?.();
    return entry;
  }
}
