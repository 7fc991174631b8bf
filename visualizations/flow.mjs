/** Pictures side by side, row by row. */
import { measures } from './text.mjs';

/** @typedef {import('./layout.mjs').Placed} Placed */
/** @typedef {import('./layout.mjs').PlacedBox} PlacedBox */

const { gap } = measures;

/** Side by side as on a page. @template {{ width: number, height: number }} T @param {T[]} all @param {number} limit */
const flowed = (all, limit) => {
  const places = [];
  let [x, y, high, width] = [0, 0, 0, 0];
  for (const one of all) {
    if (x > 0 && x + one.width > limit) [x, y, high] = [0, y + high + gap, 0];
    places.push([x, y]);
    x += one.width + gap;
    width = Math.max(width, x - gap);
    high = Math.max(high, one.height);
  }
  return { width, height: y + high, places };
};

/** @param {PlacedBox[]} boxes @param {number} limit @param {import('./boxes.mjs').Node} [first] @returns {Placed} */
export const inRows = (boxes, limit, first) =>
  joined(
    boxes.map((one) => {
      const before = one.box.node === first ? entryLength : 0;
      const box = { ...one, x: before, y: 0 };
      return {
        width: before + one.width,
        height: one.height,
        boxes: [box],
        ...(before > 0 ? entryTo(box) : { arrows: [], begin: undefined }),
      };
    }),
    limit,
  );

/** @param {Placed[]} pictures @param {number} limit @returns {Placed} */
export const joined = (pictures, limit) => {
  const { width, height, places } = flowed(pictures, limit);
  const all = pictures.map((picture, n) => moved(picture, places[n]));
  return {
    width,
    height,
    boxes: all.flatMap(({ boxes }) => boxes),
    arrows: all.flatMap(({ arrows }) => arrows),
    begin: all.find(({ begin }) => begin)?.begin,
  };
};

/** @param {Placed} picture @param {[number, number]} by @returns {Placed} */
export const moved = (picture, [dx, dy]) => {
  const point = ([x, y]) => [x + dx, y + dy];
  const rect = (one) => one && { ...one, x: one.x + dx, y: one.y + dy };
  return {
    ...picture,
    boxes: picture.boxes.map(rect),
    begin: rect(picture.begin),
    arrows: picture.arrows.map((arrow) => ({
      ...arrow,
      curve: arrow.curve.map(point),
      tip: point(arrow.tip),
      label: rect(arrow.label),
    })),
  };
};
const entryLength = 34;

/** @param {PlacedBox} first */
const entryTo = (first) => {
  const [x, y] = [first.x - entryLength, first.y + 13];
  const curve = [9, 14, 19, first.x - x - 7].map((by) => [x + by, y]);
  return {
    begin: { x, y: y - 4.5, width: 9, height: 9 },
    arrows: [{ arrow: undefined, curve, tip: [first.x, y], label: undefined }],
  };
};
