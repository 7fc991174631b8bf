/**
 * Where everything of a chart lies. Each box that holds others is laid out by itself, and is one box of fixed size
 * for the layout around it: no line runs through the inside of a state that it does not belong to. Of several
 * manners of laying out the one with the fewest flaws is taken.
 */
import { best, connected } from './choice.mjs';
import { inRows, joined } from './flow.mjs';
import { measures, widest, widthOf } from './text.mjs';

/** @typedef {import('./boxes.mjs').Box} Box */
/** @typedef {import('./boxes.mjs').Arrow} Arrow */
/** @typedef {import('./graphviz.mjs').Rect} Rect */
/**
 * @typedef {Rect & { box: Box, columns: number, head: number, body: Placed }} PlacedBox
 * @typedef {{ arrow: Arrow | undefined, curve: [number, number][], tip: [number, number], label: Rect | undefined }} PlacedArrow
 * @typedef {{ width: number, height: number, boxes: PlacedBox[], arrows: PlacedArrow[], begin: Rect | undefined }} Placed
 */

/** As wide as GitHub shows a picture without making it smaller. */
export const pageWidth = 840;
const { line, name, actor, pad, tab, bodyTop } = measures;

const nothing = { width: 0, height: 0, boxes: [], arrows: [], begin: undefined };

/** A box and all that lies in it. @param {Box} box @param {number} width at most, if that can be @returns {PlacedBox} */
export const sized = (box, width) => {
  const isComposite = box.children.length > 0;
  const told = box.rows.map(({ words }) => words);
  const targets = box.rows.map(({ to }) => `→ ${to}`);
  const columns = widest(told, 'told');
  const rowsWidth = told.length > 0 ? columns + tab + widest(targets, 'to') : 0;
  const actors = box.actors.join(', ');
  const title = isComposite
    ? widthOf(titleOf(box), 'title')
    : Math.max(widthOf(box.node.key, 'name'), widthOf(actors, 'actor'));
  const head =
    name + (!isComposite && actors ? actor : 0) + (box.rows.length > 0 ? box.rows.length * line + 8 : 2);
  const body = isComposite ? placed(box, width - 2 * pad) : nothing;
  return {
    box,
    columns,
    head,
    body,
    x: 0,
    y: 0,
    width: Math.ceil(Math.max(title, rowsWidth, body.width) + 2 * pad),
    height: Math.ceil(head + (isComposite ? body.height + pad + bodyTop : 2)),
  };
};

/** @param {Box} box */
export const titleOf = ({ node, actors }) =>
  actors.length > 0 ? `${node.key} (${actors.join(', ')})` : node.key;

/** What lies inside a box. @param {Box} box @param {number} width @returns {Placed} */
export const placed = (box, width) => {
  const inside = box.children.map((child) => sized(child, width));
  if (box.isSpread) return inRows(inside, width, box.first);
  const groups = connected(box, inside).map((group) => best(group, width));
  return joined(groups, width);
};

/** Every arrow in a picture, those inside its boxes too. @param {Placed} picture @returns {PlacedArrow[]} */
export const arrowsIn = ({ boxes, arrows }) => [...arrows, ...boxes.flatMap(({ body }) => arrowsIn(body))];
