/** Walks over the states of a machine, in the order they are written down. */

/** @typedef {import('xstate').AnyStateNode} Node */

/** @param {Node} node @returns {Node[]} */
export const childrenOf = (node) => Object.values(node.states);

/** @param {Node} node @returns {Node[]} */
export const nodesBelow = (node) => childrenOf(node).flatMap((child) => [child, ...nodesBelow(child)]);

/** A state's path without the machine's own name. @param {Node} node */
export const nameOf = (node) => node.path.join('.');
