import type { ActorLine, FeedLine, StateLine } from './feed.js';
import { entriesOf, type HistoryEntry, isStep, pathOf, remember, type Step, tagOf } from './history.js';
import type { ActorNode, ActorStatus, GuardianTree, LastError } from './tree.js';

type Changing<T> = { -readonly [Key in keyof T]: T[Key] };
interface Kept {
  node: Changing<Omit<ActorNode, 'children'>>;
  readonly parent: Kept | undefined;
  readonly children: Set<Kept>;
  readonly steps: Step[];
  order: number;
  isNew: boolean;
}

/** What a feed adds up to: the tree as it is after its last line, and each actor's history as far as the feed tells it. */
export class Past {
  #root: Kept | undefined;
  #time = '';
  readonly #kept = new Map<string, Kept>();
  readonly #gone = new Map<string, Kept>();

  add(line: FeedLine): void {
    this.#time = line.time;
    if (line.t === 'tree') this.#takeTree(line.tree);
    else if (line.t === 'actor') this.#appear(line);
    else if (line.t === 'event') {
      const kept = this.#kept.get(line.to);
      if (kept === undefined) return;
      kept.order = line.seq;
      kept.node.lastEvent = { type: line.type, at: line.time, from: line.from };
    } else if (line.t === 'state') this.#change(line);
    else if (line.t === 'gone') this.#end(line.id, line.status, line.time, line.error);
  }

  get tree(): GuardianTree | undefined {
    return this.#root && { v: 1, time: this.#time, root: nodeOf(this.#root) };
  }

  history(id: string): readonly HistoryEntry[] {
    return entriesOf((this.#kept.get(id) ?? this.#gone.get(id))?.steps ?? []);
  }

  /** The charts that are gone, as they were last, the latest first. */
  get gone(): readonly ActorNode[] {
    return [...this.#gone.values()].reverse().map(nodeOf);
  }

  #takeTree(tree: GuardianTree): void {
    this.#kept.clear();
    const take = ({ children, ...node }: ActorNode, parent: Kept | undefined): Kept => {
      const kept: Kept = {
        node: { ...node },
        parent,
        children: new Set(),
        steps: [],
        order: 0,
        isNew: false,
      };
      this.#kept.set(node.id, kept);
      for (const child of children) kept.children.add(take(child, kept));
      return kept;
    };
    this.#root = take(tree.root, undefined);
  }

  #appear({ id, parent: above, name, chart, kind, time, seq }: ActorLine): void {
    const parent = above === null ? undefined : this.#kept.get(above);
    if (above !== null && parent === undefined) return;
    const node = {
      id,
      name,
      chart,
      kind,
      tags: [],
      value: null,
      status: 'active' as ActorStatus,
      since: time,
      lastEvent: { type: 'xstate.init', at: time, from: above },
      lastError: null,
      about: {},
    };
    const kept: Kept = { node, parent, children: new Set(), steps: [], order: seq, isNew: true };
    this.#kept.set(id, kept);
    if (parent) parent.children.add(kept);
    else this.#root = kept;
  }

  #change(line: StateLine): void {
    const kept = this.#kept.get(line.id);
    if (kept === undefined) return;
    const { node } = kept;
    const from = kept.isNew ? null : tagOf(node.tags);
    const to = tagOf(line.tags);
    const value = pathOf(line.value);
    const isMoved = kept.isNew || pathOf(node.value) !== value;
    if (from !== to) node.since = line.time;
    if ((isMoved || line.error) && isStep(node.chart, from !== to, line.error)) {
      const event = node.lastEvent?.type ?? '';
      remember(kept.steps, {
        at: Date.parse(line.time),
        order: kept.order,
        event,
        from,
        to,
        value,
        ...failureOf(line.error),
      });
    }
    kept.isNew = false;
    node.tags = line.tags;
    node.value = line.value;
    node.status = line.status;
    if (line.about) node.about = line.about;
    if (line.error) node.lastError = line.error;
  }

  #end(id: string, status: ActorStatus, time: string, error: LastError | undefined): void {
    const kept = this.#kept.get(id);
    if (kept === undefined) return;
    const { node, parent, steps } = kept;
    const event = node.lastEvent?.type ?? '';
    const from = node.tags.length === 0 ? null : tagOf(node.tags);
    const value = pathOf(node.value);
    remember(steps, {
      at: Date.parse(time),
      order: kept.order,
      event,
      from,
      to: status,
      value,
      ...failureOf(error),
    });
    node.status = status;
    if (error) {
      node.lastError = error;
      if (parent) parent.node.lastError = error;
    }
    // The guardian stays: it is what the tree is of.
    if (parent === undefined) return;
    parent.children.delete(kept);
    this.#kept.delete(id);
    if (node.kind === 'chart') this.#gone.set(id, kept);
  }
}

const failureOf = (error: LastError | undefined) =>
  error ? { failure: { code: error.code, message: error.message } } : {};

const nodeOf = ({ node, children }: Kept): ActorNode => ({
  ...node,
  children: [...children].map(nodeOf),
});
