import type { AnyActorRef, InspectionEvent, Observer as XStateObserver } from 'xstate';
import type { FeedListener } from './feed.js';
import type { HistoryEntry } from './history.js';
import { Observer } from './observer.js';
import { Outlet } from './outlet.js';
import { overhear } from './overhear.js';
import { Seen, timeOf } from './seen.js';
import { Teller } from './teller.js';
import type { GuardianTree } from './tree.js';
import type { Known } from './why.js';

/** XState's own inspection, as `createActor` takes it. */
export type Inspect = XStateObserver<InspectionEvent> | ((event: InspectionEvent) => void);

/** Charts that are gone and whose history can still be asked for. */
const mostGone = 200;

export interface FeedOptions {
  /** With what charts are started with and with whole events, as a recording needs them. @default false */
  readonly whole?: boolean;
}

/** The tree of a guardian's actors, its changes and its past. */
export class Inspection {
  readonly #now: () => number;
  readonly #contain: (cause: unknown) => void;
  readonly #outlet: Outlet;
  readonly #observer: Observer;
  /** By address; the guardian's descendants that are gone as well, the latest of them. */
  readonly #gone = new Map<string, Seen>();
  #isTroubled = false;

  constructor(now: () => number, contain: (cause: unknown) => void) {
    this.#now = now;
    this.#contain = contain;
    this.#outlet = new Outlet(contain);
    this.#observer = new Observer(new Teller(this.#outlet, now), (seen) => this.#keep(seen));
  }

  /** From before its start. What goes wrong here cannot hurt an actor. */
  watch(guardian: AnyActorRef): void {
    overhear(guardian, (event) => {
      try {
        this.#observer.take(event);
      } catch (cause) {
        if (!this.#isTroubled) this.#contain(cause);
        this.#isTroubled = true;
      }
    });
  }

  /** The app's own inspection, for createActor. It cannot hurt an actor either. */
  contained(own: Inspect): (event: InspectionEvent) => void {
    const handOn = typeof own === 'function' ? own : own.next?.bind(own);
    return (event) => {
      try {
        handOn?.(event);
      } catch (cause) {
        this.#contain(cause);
      }
    };
  }

  /** Before the start there is nothing but the guardian itself. */
  tree(guardian: AnyActorRef): GuardianTree {
    const root = this.#observer.root ?? new Seen(guardian, undefined, Date.now());
    return { v: 1, time: timeOf(Date.now()), root: root.node(this.#now()) };
  }

  feed(guardian: AnyActorRef, listener: FeedListener, { whole = false }: FeedOptions = {}): () => void {
    const tree = this.tree(guardian);
    this.#outlet.tell(listener, { t: 'tree', seq: this.#outlet.seq, time: tree.time, tree });
    return this.#outlet.add(listener, whole);
  }

  /** The guardian told it: the record that `--json` prints. */
  told(fact: { readonly event: string }): void {
    const outlet = this.#outlet;
    if (!outlet.isOpen) return;
    outlet.send({ t: 'fact', seq: outlet.next(), time: outlet.timeOf(Date.now()), fact: { ...fact } });
  }

  /** Of an actor that is there, or of a chart that is gone not too long ago. */
  history(id: string): readonly HistoryEntry[] {
    return (find(this.#observer.root, id) ?? this.#gone.get(id))?.history ?? [];
  }

  /** Everything that is known, for whoever asks why. */
  known(guardian: AnyActorRef): Known {
    return {
      tree: this.tree(guardian),
      gone: [...this.#gone.values()].reverse().map((seen) => seen.node(this.#now())),
      history: (id) => this.history(id),
    };
  }

  #keep(seen: Seen): void {
    if (seen.kind === 'leaf') return;
    this.#gone.set(seen.id, seen);
    const [oldest] = this.#gone.keys();
    if (this.#gone.size > mostGone && oldest !== undefined) this.#gone.delete(oldest);
  }
}

function find(seen: Seen | undefined, id: string): Seen | undefined {
  if (seen === undefined || seen.id === id) return seen;
  for (const child of seen.children) {
    if (child.id === id || id.startsWith(`${child.id}/`)) {
      const found = find(child, id);
      if (found) return found;
    }
  }
  return undefined;
}
