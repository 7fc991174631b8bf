/** The top states of a chart and the ways between them, without words. */
import { nameOfArrow } from './boxes.mjs';
import { grouped, waysFrom } from './transitions.mjs';
import { childrenOf } from './tree.mjs';

/** @typedef {import('xstate').AnyStateNode} Node */

/** The ways that a life usually takes. All others are listed: drawn, they would make it a ball of wool. */
const usual = {
  profile: [
    'disconnected > online',
    'online > disconnected',
    'online > lost',
    'lost > waitingToRetry',
    'waitingToRetry > online',
    'online > failed',
    'failed > online',
    'online > terminating',
    'terminating > terminated',
  ],
  session: [
    'virgin > starting',
    'starting > running',
    'starting > undone',
    'running > recovering',
    'recovering > running',
    'running > suspending',
    'suspending > suspended',
    'suspended > resuming',
    'resuming > running',
    'running > terminating',
    'suspended > terminating',
    'terminating > faulty',
    'terminating > terminated',
  ],
};

/** @param {Node} node @returns {Node} */
const topOf = (node) => (node.parent?.parent ? topOf(node.parent) : node);

/** Names in lines of three. @param {string[]} names @returns {string[]} */
const inThrees = (names) =>
  names.length > 3 ? [`${names.slice(0, 3).join(', ')},`, ...inThrees(names.slice(3))] : [names.join(', ')];

/** @param {import('xstate').AnyStateMachine} machine @returns {import('./boxes.mjs').Box} */
export function overviewOf({ id, root }) {
  const ways = waysFrom(root).filter(
    ({ source, target }) => source !== root && topOf(source) !== topOf(target),
  );
  const pairs = grouped(ways, ({ source, target }) => nameOfArrow(topOf(source), topOf(target)));
  const drawn = usual[id] ?? [...pairs.keys()];
  const box = { actors: [], rows: [], children: [], arrows: [], first: undefined, isSpread: false };
  const rowsOf = (node) => {
    const others = [...pairs].filter(
      ([pair, [{ source }]]) => topOf(source) === node && !drawn.includes(pair),
    );
    const names = others.map(([, [{ target }]]) => topOf(target).key);
    return names.length > 0
      ? inThrees(names).map((to, n) => ({ words: n === 0 ? 'also' : '', to, way: undefined }))
      : [];
  };
  return {
    ...box,
    node: root,
    first: root.initial.target[0],
    children: childrenOf(root).map((node) => ({ ...box, node, rows: rowsOf(node) })),
    arrows: drawn.flatMap((pair) => {
      const all = pairs.get(pair);
      if (all === undefined) return [];
      const [{ source, target }] = all;
      return [{ from: topOf(source), to: topOf(target), lines: all.map((way) => ({ way, words: '' })) }];
    }),
  };
}
