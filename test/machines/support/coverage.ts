import type { AnyStateMachine, AnyStateNode, InspectionEvent } from 'xstate';

/** Every transition that a chart took in the tests of this file. */
const taken = new Map<string, Set<string>>();

interface Transition {
  readonly source: AnyStateNode;
  readonly eventType: string;
  readonly target?: readonly AnyStateNode[] | undefined;
}

const transitionsOf = (node: AnyStateNode): Transition[] => [
  ...[...node.transitions.values()].flat(),
  ...(node.always ?? []),
];
const nodesOf = (node: AnyStateNode): AnyStateNode[] => [
  node,
  ...Object.values(node.states).flatMap((child) => nodesOf(child as AnyStateNode)),
];
const isInitial = ({ eventType }: Transition) => eventType === null || eventType === undefined;

/** A name that says which of several transitions on the same event it is. */
const nameOf = (transition: Transition): string => {
  const { source, eventType, target } = transition;
  const same = transitionsOf(source).filter((other) => other.eventType === eventType);
  const place = same.length > 1 ? ` [${same.indexOf(transition)}]` : '';
  const event = eventType === '' ? 'always' : eventType.replace(`.${source.id}`, '');
  return `${source.id}: ${event}${place} -> ${target?.map(({ id }) => id).join(', ') ?? '(stays)'}`;
};

/** To be given to createActor as `inspect`. */
export function recordTransitions(event: InspectionEvent): void {
  if (event.type !== '@xstate.microstep') return;
  for (const transition of event._transitions as readonly Transition[]) {
    if (isInitial(transition)) continue;
    const chart = transition.source.machine.id;
    const names = taken.get(chart) ?? new Set();
    taken.set(chart, names.add(nameOf(transition)));
  }
}

export const allTransitions = (machine: AnyStateMachine): readonly string[] =>
  nodesOf(machine.root).flatMap((node) => transitionsOf(node).map(nameOf));

/** The transitions of a chart that no test took so far. */
export const notTaken = (machine: AnyStateMachine): readonly string[] =>
  allTransitions(machine).filter((name) => !taken.get(machine.id)?.has(name));
