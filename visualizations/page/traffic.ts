import type { FeedLine } from '../../src/inspection/feed.js';
import type { ActorNode } from '../../src/inspection/tree.js';

const kept = 40;

/** Bytes through each session's tunnels, second by second. */
export class Traffic {
  readonly #totals = new Map<string, number>();
  readonly #seconds = new Map<string, number[]>();
  readonly #now = new Map<string, number>();

  take(line: FeedLine): void {
    if (line.t === 'tree') this.#look(line.tree.root);
    else if (line.t === 'state' && line.about) this.#note(line.id, line.about);
    else if (line.t === 'gone') {
      this.#totals.delete(line.id);
      if (sessionOf(line.id) === line.id) this.#seconds.delete(line.id);
    }
  }

  #look({ id, about, children }: ActorNode): void {
    this.#note(id, about);
    for (const child of children) this.#look(child);
  }

  #note(id: string, { sent, received }: Readonly<Record<string, unknown>>): void {
    if (typeof sent !== 'number' || typeof received !== 'number') return;
    const before = this.#totals.get(id);
    this.#totals.set(id, sent + received);
    if (before === undefined) return;
    const session = sessionOf(id);
    this.#now.set(session, (this.#now.get(session) ?? 0) + Math.max(0, sent + received - before));
  }

  /** A second has passed. */
  turn(sessions: readonly string[]): void {
    for (const id of sessions) {
      const seconds = this.#seconds.get(id) ?? new Array<number>(kept).fill(0);
      seconds.push(this.#now.get(id) ?? 0);
      this.#seconds.set(id, seconds.slice(-kept));
    }
    this.#now.clear();
  }

  of(session: string): readonly number[] {
    return this.#seconds.get(session) ?? [];
  }
}

/** The session that an actor is below of. */
export const sessionOf = (id: string): string => id.split('/').slice(0, 3).join('/');
