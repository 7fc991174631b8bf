import type { AnyMachineSnapshot, AnyStateMachine, AnyStateNode, InspectionEvent } from 'xstate';

interface Transition {
  readonly source: AnyStateNode;
  readonly eventType: string;
  readonly guard?: unknown;
  readonly target?: readonly AnyStateNode[] | undefined;
}

/** What the actors of this file did, by the chart they follow. */
export interface Evidence {
  readonly taken: Set<string>;
  /** Transitions whose guard said no when their event came. */
  readonly refused: Set<string>;
  readonly entered: Set<string>;
}
export const evidence = new Map<string, Evidence>();

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

/** Notes each part of a chart once: most are met again and again. */
function note(kind: keyof Evidence, part: Transition | AnyStateNode, seen: WeakSet<object>): void {
  if (seen.has(part)) return;
  seen.add(part);
  const isTransition = 'eventType' in part;
  const chart = isTransition ? part.source.machine.id : part.machine.id;
  const found = evidence.get(chart) ?? { taken: new Set(), refused: new Set(), entered: new Set() };
  evidence.set(chart, found);
  found[kind].add(isTransition ? nameOf(part) : part.id);
}
const seen = { taken: new WeakSet(), refused: new WeakSet(), entered: new WeakSet() };

/** Of transitions in the order they are asked, those whose guard said no before one was chosen. */
export function noteRefusals(asked: readonly Transition[], chosen: Transition | undefined): void {
  for (const transition of asked) {
    if (transition === chosen) return;
    if (transition.guard !== undefined) note('refused', transition, seen.refused);
  }
}

/** An inspector of every system of actors. */
export function recordTransitions(event: InspectionEvent): void {
  if (event.type !== '@xstate.microstep' && event.type !== '@xstate.snapshot') return;
  const { _nodes: nodes, status } = event.snapshot as AnyMachineSnapshot;
  if (nodes === undefined) return;
  for (const node of nodes) note('entered', node, seen.entered);
  if (event.type === '@xstate.snapshot') {
    // At rest nothing that needs no event may be taken.
    if (status === 'active') for (const node of nodes) noteRefusals(node.always ?? [], undefined);
    return;
  }
  for (const transition of event._transitions as readonly Transition[]) {
    if (isInitial(transition)) continue;
    note('taken', transition, seen.taken);
    if (transition.eventType === '') noteRefusals(transition.source.always ?? [], transition);
  }
}

/** All there is to be seen of a chart. */
export function partsOf(machine: AnyStateMachine): Record<keyof Evidence, readonly string[]> {
  const nodes = nodesOf(machine.root);
  const all = nodes.flatMap(transitionsOf);
  const guarded = all.filter(({ guard }) => guard !== undefined);
  return { taken: all.map(nameOf), refused: guarded.map(nameOf), entered: nodes.map(({ id }) => id) };
}

/** The transitions of a chart that no test took so far. */
export const notTaken = (machine: AnyStateMachine): readonly string[] =>
  partsOf(machine).taken.filter((name) => !evidence.get(machine.id)?.taken.has(name));
