/** Boxes and arrows, laid out by Graphviz: where each box lies, how each arrow runs, and where its label is. */
import { instance } from '@viz-js/viz';

const viz = await instance();

/**
 * @typedef {{ x: number, y: number, width: number, height: number }} Rect
 * @typedef {[number, number]} Point
 * @typedef {{ from: string, to: string, label?: { width: number, height: number } }} Wanted
 * @typedef {{ curve: Point[], tip: Point | undefined, label: Rect | undefined }} Drawn
 * @typedef {{ direction: 'TB' | 'LR', nodeGap: number, rankGap: number }} Manner
 */

/** The same inside of a box is asked for again and again. @type {Map<string, any>} */
const known = new Map();
const rendered = (dot) => {
  const drawn = known.get(dot) ?? viz.renderJSON(dot);
  known.set(dot, drawn);
  return drawn;
};

const inches = (points) => (points / 72).toFixed(4);
const room = ({ width, height }) =>
  `<<TABLE BORDER="0" FIXEDSIZE="TRUE" WIDTH="${Math.ceil(width)}" HEIGHT="${Math.ceil(height)}"><TR><TD></TD></TR></TABLE>>`;

/** @param {Map<string, { width: number, height: number }>} boxes @param {Wanted[]} arrows @param {Manner} manner */
export function arranged(boxes, arrows, { direction, nodeGap, rankGap }) {
  const dot = [
    'digraph {',
    `graph [rankdir=${direction} nodesep=${inches(nodeGap)} ranksep=${inches(rankGap)}]`,
    'node [shape=box fixedsize=true label=""] edge [arrowsize=0.7]',
    ...[...boxes].map(
      ([id, { width, height }]) => `"${id}" [width=${inches(width)} height=${inches(height)}]`,
    ),
    ...arrows.map(
      ({ from, to, label }, n) => `"${from}" -> "${to}" [id="${n}"${label ? ` label=${room(label)}` : ''}]`,
    ),
    '}',
  ].join('\n');
  const { objects = [], edges = [], bb } = rendered(dot);
  const [, , width, height] = bb.split(',').map(Number);
  /** Graphviz counts upwards. @param {string} pair @returns {Point} */
  const point = (pair) => {
    const [x, y] = pair.split(',').map(Number);
    return [x, height - y];
  };
  const places = objects.map(({ name, pos }) => {
    const [x, y] = point(pos);
    const size = boxes.get(name);
    return [name, { ...size, x: x - size.width / 2, y: y - size.height / 2 }];
  });
  const inOrder = [...edges].sort((one, other) => Number(one.id) - Number(other.id));
  const drawn = inOrder.map(({ pos, lp }, n) => {
    const { label } = arrows[n];
    const [x = 0, y = 0] = lp ? point(lp) : [];
    const [tip] = pos.split(' ').filter((part) => part.startsWith('e,'));
    return {
      curve: pos
        .split(' ')
        .filter((part) => !/^[es],/.test(part))
        .map(point),
      tip: tip && point(tip.slice(2)),
      label: label && lp ? { ...label, x: x - label.width / 2, y: y - label.height / 2 } : undefined,
    };
  });
  return { width, height, places: new Map(places), drawn };
}
