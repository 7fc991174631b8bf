import type { Edge } from './feed.js';

interface Node {
  readonly path: readonly string[];
}
/** A transition definition of XState, as far as it is looked at. */
export interface Taken {
  readonly source: Node;
  readonly eventType: string | null | undefined;
  readonly target?: readonly Node[] | undefined;
}

const pathOf = ({ path }: Node) => path.join('.');
/** A chart's transitions are the same for all its actors. */
const known = new WeakMap<Taken, readonly Edge[]>();

/** Transitions that were taken, as the diagrams name them. Entering the first state is none. */
export const edgesOf = (taken: readonly Taken[]): readonly Edge[] => taken.flatMap(edges);

function edges(taken: Taken): readonly Edge[] {
  const before = known.get(taken);
  if (before !== undefined) return before;
  const { source, eventType, target } = taken;
  const from = pathOf(source);
  const made =
    eventType === null || eventType === undefined
      ? []
      : (target ?? [source]).map((one) => ({ source: from, event: eventType, target: pathOf(one) }));
  known.set(taken, made);
  return made;
}
