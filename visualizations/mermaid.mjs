/**
 * A machine as a Mermaid stateDiagram-v2. Mermaid draws no arrow between the insides of two different states: such an
 * arrow is drawn between the states that lie side by side and hold the two ends, and its label names the ends.
 */
import { childrenOf } from './tree.mjs';

/** @typedef {import('xstate').AnyStateNode} Node */
/** @typedef {{ from: string, to: string, label: string, home: Node }} Arrow */

/** Mermaid has one name space for all states, nested or not, and words of its own in it. @param {Node} node */
const idOf = (node) => `s_${node.path.join('_')}`;

/** In a label these signs end or begin something; as entities they do not. @param {string} text */
const escaped = (text) =>
  text.replace(/[#;:"<>{}\\]/g, (sign) => `#${sign.codePointAt(0)};`).replaceAll('\n', ' ');

/** `xstate.after.backoff.profile.waitingToRetry` and the like, in words. @param {string} event */
export const wordsOf = (event) => {
  if (event === '') return 'always';
  const after = /^xstate\.after\.([^.]+)\./.exec(event);
  if (after) return `after ${after[1]}`;
  const end = /^xstate\.(done|error)\.actor\.(.*)$/.exec(event);
  return end ? `${end[1]} ${end[2] === '*' ? 'of any actor' : end[2]}` : event;
};

export const guardOf = ({ guard }) => (typeof guard === 'string' ? guard : guard?.type);

/** All transitions of a state, those without an event first. @param {Node} node */
export const transitionsOf = (node) => [...(node.always ?? []), ...[...node.transitions.values()].flat()];

/** A state and those around it, inmost first. @param {Node} node @returns {Node[]} */
const lineage = (node) => [node, ...(node.parent ? lineage(node.parent) : [])];

/** A parallel state's regions are drawn side by side: arrows between them and it start at the state itself. */
const ends = (source, target) => {
  const around = lineage(target).slice(1);
  const home = lineage(source)
    .slice(source === target ? 1 : 0)
    .find((node) => around.includes(node));
  const within = (node) => lineage(node).find(({ parent }) => parent === home);
  return { home, from: source === home ? undefined : within(source), to: within(target) };
};

/** @returns {Arrow} */
const arrowOf = (source, transition, target) => {
  const { home, from, to } = ends(source, target);
  const guard = guardOf(transition);
  const words = wordsOf(transition.eventType) + (guard ? ` [${guard}]` : '');
  const start = from === undefined || from === source ? '' : `${source.key}: `;
  const end = to === target ? '' : ` to ${target.key}`;
  const outside = home.parent === undefined ? 'anywhere' : '[*]';
  return { home, from: from ? idOf(from) : outside, to: idOf(to), label: escaped(start + words + end) };
};

/** @param {Node} node @returns {Arrow[]} */
const arrowsOf = (node) => [
  ...transitionsOf(node).flatMap((each) => (each.target ?? []).map((target) => arrowOf(node, each, target))),
  ...childrenOf(node).flatMap(arrowsOf),
];

/** Several ways between the same two states are one arrow with several lines. @param {Arrow[]} arrows */
const joined = (arrows) => {
  const ways = new Map();
  for (const { from, to, label } of arrows) {
    const key = `${from} --> ${to}`;
    ways.set(key, [...(ways.get(key) ?? []), label]);
  }
  return [...ways].map(([key, labels]) => `${key} : ${[...new Set(labels)].join('<br/>')}`);
};

const indented = (lines) => lines.map((line) => `  ${line}`);

/** @param {Node} node @param {Arrow[]} arrows @returns {string[]} */
const stateOf = (node, arrows) => {
  const title = `state "${escaped(node.key)}" as ${idOf(node)}`;
  const children = childrenOf(node);
  if (children.length === 0) return node.type === 'final' ? [title, `${idOf(node)} --> [*]`] : [title];
  if (node.type !== 'parallel') return [`${title} {`, ...indented(inside(node, arrows)), '}'];
  const regions = children.map((region) => indented(stateOf(region, arrows)));
  return [`${title} {`, ...regions.flatMap((region, n) => (n === 0 ? region : ['  --', ...region])), '}'];
};

/** @param {Node} node @param {Arrow[]} arrows @returns {string[]} */
const inside = (node, arrows) => [
  ...node.initial.target.map((first) => `[*] --> ${idOf(first)}`),
  ...childrenOf(node).flatMap((child) => stateOf(child, arrows)),
  ...joined(arrows.filter(({ home }) => home === node)),
];

/** @param {import('xstate').AnyStateMachine} machine */
export function diagram({ root }) {
  const arrows = arrowsOf(root);
  const anywhere = arrows.some(({ from }) => from === 'anywhere')
    ? ['state "from anywhere" as anywhere']
    : [];
  return ['stateDiagram-v2', ...indented([...anywhere, ...inside(root, arrows)])].join('\n');
}
