import type { About, ActorKind, ActorStatus, GuardianTree, LastError } from './tree.js';

/** A transition that was taken: states as paths from the root without the machine's id, joined by dots. */
export interface Edge {
  readonly source: string;
  /** The event's type as the chart names it; '' for one taken at once. */
  readonly event: string;
  /** Equal to the source where no state is left. */
  readonly target: string;
}

interface Line<Type extends string> {
  readonly t: Type;
  /** Counts up by one a change; of a tree it is that of the last change in it. A gap means that lines are missing. */
  readonly seq: number;
  readonly time: string;
}

/** Everything, as it is: the first line of a feed, and again after a gap. */
export interface TreeLine extends Line<'tree'> {
  readonly tree: GuardianTree;
}

/** An actor appeared, below those that are there already. One whose id is known takes the other's place. */
export interface ActorLine extends Line<'actor'> {
  readonly id: string;
  /** The address of its parent; null for the guardian. */
  readonly parent: string | null;
  readonly name: string;
  readonly chart: string;
  readonly kind: ActorKind;
  /** What a chart was started with; in recordings only. */
  readonly input?: unknown;
}

/** A chart takes an event up, or a leaf was sent one. */
export interface EventLine extends Line<'event'> {
  readonly to: string;
  readonly from: string | null;
  readonly type: string;
  /** The whole event as plain data; in recordings only. */
  readonly event?: Readonly<Record<string, unknown>>;
}

/** An actor's state or facts changed. */
export interface StateLine extends Line<'state'> {
  readonly id: string;
  readonly tags: readonly string[];
  readonly value: unknown;
  readonly status: ActorStatus;
  readonly edge?: readonly Edge[];
  /** Its facts, whole; left out when they are as they were. */
  readonly about?: About;
  /** It failed with this just now. */
  readonly error?: LastError;
}

/** An actor ended; it is in the tree no more, unless it is the guardian. An error is its parent's last one, too. */
export interface GoneLine extends Line<'gone'> {
  readonly id: string;
  readonly status: Exclude<ActorStatus, 'active'>;
  readonly error?: LastError;
}

/** What the guardian told: the record that `--json` prints. */
export interface FactLine extends Line<'fact'> {
  readonly fact: Readonly<Record<string, unknown>> & { readonly event: string };
}

export type FeedLine = TreeLine | ActorLine | EventLine | StateLine | GoneLine | FactLine;

export type FeedListener = (line: FeedLine) => void;
