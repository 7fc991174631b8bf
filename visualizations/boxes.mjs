/**
 * A chart as boxes in boxes. Between two boxes that lie side by side there is an arrow for all ways from one into the
 * other; a line of its label names the state inside where the way starts or ends. A way that no arrow can show well is
 * a row in the box of its state: back to itself, from a box into its own inside, and, in a chart with many ways between
 * its top states, from one of these to another: drawn across, the lines would hide the labels.
 */
import { grouped, waysFrom } from './transitions.mjs';
import { childrenOf, nameOf } from './tree.mjs';

/** @typedef {import('xstate').AnyStateNode} Node */
/** @typedef {import('./transitions.mjs').Way} Way */
/**
 * @typedef {{ way: Way, words: string }} Line
 * @typedef {{ way: Way, words: string, to: string }} Row
 * @typedef {{ from: Node, to: Node, lines: Line[] }} Arrow
 * @typedef {{ node: Node, actors: string[], rows: Row[], children: Box[], arrows: Arrow[], first: Node | undefined, isSpread: boolean }} Box
 */

/** Above this many ways between top states they are no longer drawn across. */
const manyWays = 24;

/** A state and those around it, inmost first. @param {Node} node @returns {Node[]} */
const lineage = (node) => [node, ...(node.parent ? lineage(node.parent) : [])];

/** The inmost state around both ends; the source itself, when it holds the target. @param {Way} way */
const homeOf = ({ source, target }) => {
  const around = lineage(target).slice(1);
  return lineage(source)
    .slice(source === target ? 1 : 0)
    .find((node) => around.includes(node));
};

/** @param {Node} home @param {Node} node */
const within = (home, node) => lineage(node).find(({ parent }) => parent === home);

/** @param {Node} home @param {Node} node */
const nameWithin = (home, node) => node.path.slice(home.path.length).join('.');

/** To begin anew: drawn, such an arrow turns the order of all between the two around. @param {Node} from @param {Node} to */
const isFarBack = (from, to) => {
  const all = childrenOf(from.parent);
  return all.indexOf(from) - all.indexOf(to) > 4;
};

/** Whether the ways between the top states are too many to be drawn. @param {Node} root */
export const isDrawnInParts = (root) => {
  const isAcross = (way) => way.source !== root && homeOf(way) === root && way.source !== way.target;
  return waysFrom(root).filter(isAcross).length > manyWays;
};

/** Ways that start wherever the chart is. @param {Row[]} rows */
const boxOfNothing = (rows) => ({
  node: { key: 'from anywhere', path: ['from anywhere'], type: 'anywhere' },
  actors: [],
  rows,
  children: [],
  arrows: [],
  first: undefined,
  isSpread: false,
});

/** What an arrow goes by. @param {Node} from @param {Node} to */
export const nameOfArrow = (from, to) => `${nameOf(from)} > ${nameOf(to)}`;

/** @param {import('xstate').AnyStateMachine} machine @param {Set<string>} listed arrows to be listed, not drawn @returns {Box} */
export function boxesOf({ root }, listed = new Set()) {
  const inParts = isDrawnInParts(root);
  /** @type {Map<Node, Row[]>} */
  const rows = new Map();
  /** @type {Map<Node, { way: Way, from: Node, to: Node, words: string }[]>} */
  const drawn = new Map();
  const put = (map, key, value) => map.set(key, [...(map.get(key) ?? []), value]);

  for (const way of waysFrom(root)) {
    const { source, target, label } = way;
    const home = homeOf(way);
    const [from, to] = [within(home, source), within(home, target)];
    const isListed = home === source || from === to || home.type === 'parallel' || (inParts && home === root);
    if (isListed || isFarBack(from, to) || listed.has(nameOfArrow(from, to))) {
      put(rows, source, { way, words: label, to: source === target ? 'itself' : nameWithin(home, target) });
      continue;
    }
    const start = from === source ? '' : `${source.key}: `;
    const end = to === target ? '' : ` to ${target.key}`;
    put(drawn, home, { way, from, to, words: start + label + end });
  }

  /** In parts, the small ones come first, side by side. */
  const inReadingOrder = (boxes) =>
    inParts
      ? [
          ...boxes.filter((box) => box.children.length === 0),
          ...boxes.filter((box) => box.children.length > 0),
        ]
      : boxes;
  const anywhere = rows.has(root) ? [boxOfNothing(rows.get(root))] : [];
  /** @param {Node} node @returns {Box} */
  const boxOf = (node) => ({
    node,
    actors: node.invoke.map((actor) => actor.src),
    rows: rows.get(node) ?? [],
    children:
      node === root
        ? inReadingOrder([...anywhere, ...childrenOf(node).map(boxOf)])
        : childrenOf(node).map(boxOf),
    isSpread: node.type === 'parallel' || (node === root && inParts),
    first: node.type === 'compound' ? node.initial.target[0] : undefined,
    arrows: [...grouped(drawn.get(node) ?? [], ({ from, to }) => nameOfArrow(from, to)).values()].map(
      (lines) => ({ from: lines[0].from, to: lines[0].to, lines }),
    ),
  });
  return boxOf(root);
}
