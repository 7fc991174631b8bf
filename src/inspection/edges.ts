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

/** Transitions that were taken, as the diagrams name them. Entering the first state is none. */
export function edgesOf(taken: readonly Taken[]): readonly Edge[] {
  return taken.flatMap(({ source, eventType, target }) => {
    if (eventType === null || eventType === undefined) return [];
    const from = pathOf(source);
    return (target ?? [source]).map((one) => ({ source: from, event: eventType, target: pathOf(one) }));
  });
}
