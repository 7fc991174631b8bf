import type { AnyActorRef, AnyEventObject, AnyMachineSnapshot } from 'xstate';
import { aboutOf } from './about.js';
import type { Taken } from './edges.js';
import { entriesOf, type HistoryEntry, type Step } from './history.js';
import type { About, ActorKind, ActorNode, ActorStatus, LastError } from './tree.js';

/** An event on its way to a chart. */
export interface Pending {
  readonly event: AnyEventObject;
  readonly from: Seen | undefined;
  readonly at: number;
}

/** One for all that have none. */
export const none: readonly never[] = [];

export const timeOf = (ms: number): string => new Date(ms).toISOString();

/** What is remembered of one actor. Its state and facts stay where they are until somebody asks. */
export class Seen {
  readonly id: string;
  readonly name: string;
  readonly chart: string;
  readonly kind: ActorKind;
  readonly children = new Set<Seen>();
  status: ActorStatus = 'active';
  /** The states it is in: the same list as long as it is in the same ones. */
  nodes: unknown;
  tag: string | undefined;
  since: number;
  eventType = 'xstate.init';
  eventAt: number;
  eventFrom: Seen | undefined;
  /** The event that a chart took up last, and when that was among all events of all charts. */
  taken: unknown;
  order = 0;
  failure: unknown;
  error: LastError | undefined;
  readonly steps: Step[] = [];
  /** For the feed only: what it was told of last, and what is not told yet. */
  context: unknown;
  told: About | undefined;
  /** Those of the states it is in, once they were told. */
  tags: readonly string[] | undefined;
  /** The event that it takes up next, and those behind it: a list that is seldom used, since filling and emptying it costs. */
  awaited: Pending | undefined;
  readonly pending: Pending[] = [];
  transitions: readonly Taken[] = none;
  /** How often each name was given below it. */
  #given: Map<string, number> | undefined;

  constructor(
    readonly ref: AnyActorRef,
    readonly parent: Seen | undefined,
    at: number,
  ) {
    const logic = (ref as unknown as { logic?: { id?: string; root?: unknown } }).logic;
    this.kind = logic?.root === undefined ? 'leaf' : 'chart';
    this.name = ref.id;
    this.chart = this.kind === 'chart' ? (logic?.id ?? ref.id) : portOf(ref);
    this.id = parent === undefined ? ref.id : parent.#address(ref.id);
    this.since = at;
    this.eventAt = at;
    this.eventFrom = parent;
    parent?.children.add(this);
  }

  /** An address that nobody below had before. */
  #address(name: string): string {
    this.#given ??= new Map();
    const times = (this.#given.get(name) ?? 0) + 1;
    this.#given.set(name, times);
    return `${this.id}/${name}${times === 1 ? '' : `~${times}`}`;
  }

  /** An event that was sent to it; those sent before it, which it never took up, are forgotten. */
  takeUp(event: AnyEventObject): Pending | undefined {
    const { awaited, pending } = this;
    if (awaited?.event !== event && !pending.some((one) => one.event === event)) return undefined;
    let next = awaited;
    while (next?.event !== event) next = pending.shift();
    this.awaited = pending.shift();
    return next;
  }

  get snapshot(): AnyMachineSnapshot | undefined {
    return this.kind === 'chart' ? (this.ref.getSnapshot() as AnyMachineSnapshot) : undefined;
  }

  get history(): readonly HistoryEntry[] {
    return entriesOf(this.steps);
  }

  /** `now`: on the guardian's clock. */
  node(now: number): ActorNode {
    const { id, name, chart, kind, status, error, snapshot } = this;
    return {
      id,
      name,
      chart,
      kind,
      tags: tagsOf(snapshot),
      value: snapshot?.value ?? null,
      // A guardian that crashed is the only one that XState does not tell of.
      status: status === 'active' ? (snapshot?.status ?? status) : status,
      since: timeOf(this.since),
      lastEvent: { type: this.eventType, at: timeOf(this.eventAt), from: this.eventFrom?.id ?? null },
      lastError: error ?? null,
      about: snapshot ? aboutOf(chart, snapshot.context, now) : {},
      children: [...this.children].map((child) => child.node(now)),
    };
  }
}

export const tagsOf = (snapshot: AnyMachineSnapshot | undefined): readonly string[] =>
  snapshot?.tags === undefined ? [] : [...snapshot.tags];

const portOf = (ref: AnyActorRef): string => {
  const { src } = ref as unknown as { src?: unknown };
  return typeof src === 'string' ? src : ref.id;
};
