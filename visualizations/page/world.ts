import type { Edge, FeedLine, StateLine } from '../../src/inspection/feed.js';
import type { About, ActorNode, GuardianTree, LastError, LastEvent } from '../../src/inspection/tree.js';

/** One actor. Never changed, only replaced: whoever holds one holds a moment. */
export interface Actor extends Omit<ActorNode, 'children'> {
  readonly parent: string | null;
  readonly children: readonly string[];
  /** The transitions it took last. */
  readonly edges: readonly Edge[];
  /** When its facts were told last: the ages among them have grown since. */
  readonly toldAt: string;
}

/** All actors at one moment, kept up with a feed. */
export class World {
  readonly actors: Map<string, Actor>;
  root: string;
  /** Of the last line. */
  seq = 0;
  time = '';
  /** Counts up whenever an actor appears or goes. */
  shape = 0;

  constructor(from?: World) {
    this.actors = new Map(from?.actors);
    this.root = from?.root ?? '';
    this.seq = from?.seq ?? 0;
    this.time = from?.time ?? '';
  }

  /** False when lines are missing before this one. */
  take(line: FeedLine): boolean {
    const isNext = line.t === 'tree' || this.seq === 0 || line.seq === this.seq + 1;
    this.seq = line.seq;
    this.time = line.time;
    if (line.t === 'tree') this.#plant(line.tree);
    else if (line.t === 'actor') {
      const { id, parent, name, chart, kind, time } = line;
      const lastEvent = { type: 'xstate.init', at: time, from: parent };
      this.#add({ ...blank, id, parent, name, chart, kind, since: time, lastEvent, toldAt: time });
    } else if (line.t === 'event') {
      this.#change(line.to, { lastEvent: { type: line.type, at: line.time, from: line.from } });
    } else if (line.t === 'state') this.#state(line);
    else if (line.t === 'gone') {
      if (line.error) this.#change(this.actors.get(line.id)?.parent ?? '', { lastError: line.error });
      this.#remove(line.id, line.status);
    }
    return isNext;
  }

  #plant({ root, time: toldAt }: GuardianTree): void {
    this.actors.clear();
    this.root = root.id;
    const put = ({ children, ...node }: ActorNode, parent: string | null) => {
      this.actors.set(node.id, {
        ...node,
        parent,
        children: children.map(({ id }) => id),
        edges: [],
        toldAt,
      });
      for (const child of children) put(child, node.id);
    };
    put(root, null);
    this.shape += 1;
  }

  #add(actor: Actor): void {
    this.shape += 1;
    if (actor.parent === null) {
      this.actors.clear();
      this.root = actor.id;
    }
    this.actors.set(actor.id, actor);
    const parent = this.actors.get(actor.parent ?? '');
    if (parent && !parent.children.includes(actor.id))
      this.#change(parent.id, { children: [...parent.children, actor.id] });
  }

  #state({ id, time, tags, value, status, edge, about, error }: StateLine): void {
    const before = this.actors.get(id);
    if (before === undefined) return;
    const isMoved = tagOf(before.tags) !== tagOf(tags);
    this.#change(id, {
      tags,
      value,
      status,
      ...(isMoved ? { since: time } : {}),
      ...(edge ? { edges: edge } : {}),
      ...(about ? { about, toldAt: time } : {}),
      ...(error ? { lastError: error } : {}),
    });
  }

  #remove(id: string, status: Actor['status']): void {
    const actor = this.actors.get(id);
    if (actor === undefined) return;
    // The guardian stays to be looked at.
    if (actor.parent === null) {
      this.#change(id, { status });
      return;
    }
    const parent = this.actors.get(actor.parent);
    if (parent) this.#change(parent.id, { children: parent.children.filter((child) => child !== id) });
    this.#drop(actor);
    this.shape += 1;
  }

  #drop(actor: Actor): void {
    this.actors.delete(actor.id);
    for (const child of actor.children) {
      const below = this.actors.get(child);
      if (below) this.#drop(below);
    }
  }

  #change(id: string, changes: Partial<Actor>): void {
    const actor = this.actors.get(id);
    if (actor) this.actors.set(id, { ...actor, ...changes });
  }

  /** As `GET /tree` gives it. */
  tree(id = this.root): ActorNode | undefined {
    const actor = this.actors.get(id);
    if (actor === undefined) return undefined;
    const { parent: _parent, edges: _edges, toldAt: _toldAt, children, ...node } = actor;
    return { ...node, children: children.flatMap((child) => this.tree(child) ?? []) };
  }
}

const blank = {
  tags: [] as readonly string[],
  value: null as unknown,
  status: 'active',
  lastEvent: null as LastEvent | null,
  lastError: null as LastError | null,
  about: {} as About,
  children: [] as readonly string[],
  edges: [] as readonly Edge[],
} as const;

/** What a profile does beside being connected. */
const besides = new Set(['refreshing', 'watching']);

/** The one tag that says how an actor is. */
export const tagOf = (tags: readonly string[]): string => tags.find((tag) => !besides.has(tag)) ?? '';
