/** What leads from state to state in a chart: one entry for each target of each transition. */
import { guardOf, transitionsOf, wordsOf } from './mermaid.mjs';
import { childrenOf } from './tree.mjs';

/** @typedef {import('xstate').AnyStateNode} Node */
/** @typedef {{ source: Node, target: Node, event: string, guard: string | undefined, label: string }} Way */

/** @param {Node} node @returns {Way[]} */
export const waysFrom = (node) => [
  ...transitionsOf(node).flatMap((transition) => {
    const guard = guardOf(transition);
    const label = wordsOf(transition.eventType) + (guard ? ` [${guard}]` : '');
    return (transition.target ?? []).map((target) => ({
      source: node,
      target,
      event: transition.eventType,
      guard,
      label,
    }));
  }),
  ...childrenOf(node).flatMap(waysFrom),
];

/** Equal keys together, in the order they first came. @template T @param {readonly T[]} all @param {(one: T) => string} keyOf @returns {Map<string, T[]>} */
export const grouped = (all, keyOf) => {
  const groups = new Map();
  for (const one of all) groups.set(keyOf(one), [...(groups.get(keyOf(one)) ?? []), one]);
  return groups;
};
