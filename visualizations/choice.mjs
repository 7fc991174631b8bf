/** Boxes that arrows join, laid out in several manners; the one that is read best is taken. */
import { along, crossings, isOver, isThrough, lengthOf, pairs } from './flaws.mjs';
import { arranged } from './graphviz.mjs';
import { measures, widest } from './text.mjs';
import { nameOf } from './tree.mjs';

/** @typedef {import('./boxes.mjs').Box} Box */
/** @typedef {import('./boxes.mjs').Arrow} Arrow */
/** @typedef {import('./layout.mjs').Placed} Placed */
/** @typedef {import('./layout.mjs').PlacedBox} PlacedBox */

const { line, labelIndent } = measures;
const beginName = ' begin';

/** Room between boxes side by side, and between their ranks. */
const labelledGaps = [
  [8, 14],
  [14, 20],
  [26, 26],
  [40, 32],
];
const plainGaps = [
  [24, 30],
  [36, 36],
];

/** Groups of boxes that no arrow joins; the one with the first state comes first. @param {Box} box @param {PlacedBox[]} inside */
export const connected = ({ first, arrows }, inside) => {
  /** @type {Map<import('./boxes.mjs').Node, number>} */
  const groupOf = new Map(inside.map(({ box }, n) => [box.node, box.node === first ? -1 : n]));
  for (const { from, to } of arrows) {
    const [one, other] = [groupOf.get(from), groupOf.get(to)];
    for (const [node, group] of groupOf)
      if (group === one || group === other) groupOf.set(node, Math.min(one, other));
  }
  return [...new Set(groupOf.values())]
    .sort((one, other) => one - other)
    .map((group) => ({
      first: group === -1 ? first : undefined,
      inside: inside.filter(({ box }) => groupOf.get(box.node) === group),
      arrows: arrows.filter(({ from }) => groupOf.get(from) === group),
    }));
};

/** @typedef {{ first: Node | undefined, inside: PlacedBox[], arrows: Arrow[] }} Group */

/** Which manner was best before: the same inside of a box is asked for again and again. @type {Map<string, Manner>} */
const chosen = new Map();

/** @typedef {import('./graphviz.mjs').Manner & { reversed: boolean }} Manner */

/** @param {Group} group @param {number} width @returns {Placed} */
export const best = (group, width) => {
  const key = JSON.stringify([
    width,
    group.inside.map((one) => [nameOf(one.box.node), one.width, one.height]),
    group.arrows.map((arrow) => [nameOf(arrow.from), nameOf(arrow.to), labelSize(arrow)]),
    group.first && nameOf(group.first),
  ]);
  const manner = chosen.get(key) ?? bestManner(group, width);
  chosen.set(key, manner);
  return laidOut(group, manner);
};

/** @param {Group} group @param {number} width @returns {Manner} */
const bestManner = (group, width) => {
  const gaps = group.arrows.some(isLabelled) ? labelledGaps : plainGaps;
  const manners = ['TB', 'LR'].flatMap((direction) =>
    gaps.flatMap(([nodeGap, rankGap]) =>
      [false, true].map((reversed) => ({ direction, nodeGap, rankGap, reversed })),
    ),
  );
  const costs = manners.map((manner) => {
    const picture = laidOut(group, manner);
    return cost(picture, width) + against(picture, manner.direction) * 150_000;
  });
  return manners[costs.indexOf(Math.min(...costs))];
};
const isLabelled = ({ lines }) => lines.some(({ words }) => words);

/** @param {Arrow} arrow */
const labelSize = ({ lines }) => {
  const words = [...new Set(lines.map((one) => one.words))];
  return { width: widest(words, 'label') + labelIndent + 3, height: words.length * line + 4 };
};

/** @returns {Placed} */
const laidOut = ({ first, arrows, inside }, { reversed, ...manner }) => {
  const idOf = (node) => nameOf(node);
  const boxes = new Map(inside.map((one) => [idOf(one.box.node), one]));
  const begin = first ? [[beginName, { width: 9, height: 9 }]] : [];
  const entry = first ? [{ from: beginName, to: idOf(first) }] : [];
  const named = arrows.map((arrow) => ({
    from: idOf(arrow.from),
    to: idOf(arrow.to),
    label: isLabelled(arrow) ? labelSize(arrow) : undefined,
  }));
  const order = [...begin, ...boxes];
  const result = arranged(
    new Map(reversed ? order.reverse() : order),
    reversed ? [...entry, ...named].reverse() : [...entry, ...named],
    manner,
  );
  const drawn = reversed ? result.drawn.reverse() : result.drawn;
  return {
    width: result.width,
    height: result.height,
    boxes: inside.map((one) => ({ ...one, ...result.places.get(idOf(one.box.node)) })),
    arrows: drawn.map((one, n) => ({ ...one, arrow: first ? arrows[n - 1] : arrows[n] })),
    begin: result.places.get(beginName),
  };
};

/** Charts are written down from birth to death: how many arrows that lead on are drawn as if they led back. */
const against = ({ arrows }, direction) => {
  const along = direction === 'TB' ? 1 : 0;
  const leadsOn = ({ from, to }) => from.order < to.order;
  return arrows.filter(({ arrow, curve, tip }) => arrow && leadsOn(arrow) && tip[along] < curve[0][along])
    .length;
};

/** @param {Placed} picture @param {number} width */
const cost = ({ width, height, boxes, arrows }, limit) => {
  const lines = arrows.map(({ curve }) => along(curve));
  const labels = arrows.flatMap(({ label }) => (label ? [label] : []));
  const covered = arrows.reduce((sum, { label }, n) => {
    if (!label) return sum;
    const text = { ...label, x: label.x + labelIndent, width: label.width - labelIndent };
    return sum + lines.filter((points, m) => isThrough(points, m === n ? inner(text) : around(text))).length;
  }, 0);
  const overlaps =
    pairs(labels).filter(([one, other]) => isOver(one, other)).length +
    labels.flatMap((label) => boxes.filter((box) => isOver(label, box))).length;
  const pierced = lines.flatMap((points) => boxes.filter((box) => isThrough(points, inner(box)))).length;
  const crossed = pairs(lines).reduce((sum, [one, other]) => sum + crossings(one, other), 0);
  const overflow = Math.max(0, width - limit);
  const inked = arrows.reduce((sum, arrow) => sum + lengthOf(arrow), 0);
  return (
    (covered + overlaps + pierced) * 1_000_000 +
    overflow * 20_000 +
    crossed * 30_000 +
    inked * 60 +
    width * height
  );
};
/** With as much air as keeps a line from looking like a part of it. */
const around = ({ x, y, width, height }) => ({ x: x - 2, y, width: width + 4, height });
/** Without its edge, where a line may end. */
const inner = ({ x, y, width, height }) => ({ x: x + 2, y: y + 2, width: width - 4, height: height - 4 });
