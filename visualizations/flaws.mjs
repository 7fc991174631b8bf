/** What makes a picture hard to read: a line through a label or a box that is not its own, and lines across each other. */

/** @typedef {import('./graphviz.mjs').Rect} Rect */
/** @typedef {import('./graphviz.mjs').Point} Point */

const stepsOfCurve = 12;

/** Points along a chain of cubic curves. @param {Point[]} curve @returns {Point[]} */
export const along = (curve) => {
  const points = [curve[0]];
  for (let n = 0; n + 3 < curve.length; n += 3) {
    const [a, b, c, d] = curve.slice(n, n + 4);
    for (let step = 1; step <= stepsOfCurve; step += 1) {
      const t = step / stepsOfCurve;
      const at = (i) =>
        a[i] * (1 - t) ** 3 + 3 * b[i] * t * (1 - t) ** 2 + 3 * c[i] * t ** 2 * (1 - t) + d[i] * t ** 3;
      points.push([at(0), at(1)]);
    }
  }
  return points;
};

/** How long an arrow is. @param {{ curve: Point[] }} arrow */
export const lengthOf = ({ curve }) => {
  const points = along(curve);
  return points.slice(1).reduce((sum, [x, y], n) => sum + Math.hypot(x - points[n][0], y - points[n][1]), 0);
};

const side = ([ax, ay], [bx, by], [cx, cy]) => Math.sign((bx - ax) * (cy - ay) - (by - ay) * (cx - ax));

/** @param {Point} a @param {Point} b @param {Point} c @param {Point} d */
const areCrossed = (a, b, c, d) => side(a, b, c) !== side(a, b, d) && side(c, d, a) !== side(c, d, b);

const segments = (points) => points.slice(1).map((point, n) => [points[n], point]);

/** @type {WeakMap<Point[], Rect>} */
const known = new WeakMap();
/** The box around a line. @param {Point[]} points @returns {Rect} */
const boundsOf = (points) => {
  const found = known.get(points);
  if (found) return found;
  const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)];
  const [x, y] = [Math.min(...xs) - 0.01, Math.min(...ys) - 0.01];
  const bounds = { x, y, width: Math.max(...xs) + 0.01 - x, height: Math.max(...ys) + 0.01 - y };
  known.set(points, bounds);
  return bounds;
};

/** Whether a line runs through a box. @param {Point[]} points @param {Rect} box */
export const isThrough = (points, box) => {
  if (!isOver(boundsOf(points), box)) return false;
  const { x, y, width, height } = box;
  const isIn = ([px, py]) => px > x && px < x + width && py > y && py < y + height;
  const corners = [
    [x, y],
    [x + width, y],
    [x + width, y + height],
    [x, y + height],
    [x, y],
  ];
  return (
    points.some(isIn) ||
    segments(points).some(([a, b]) => segments(corners).some(([c, d]) => areCrossed(a, b, c, d)))
  );
};

/** @param {Rect} one @param {Rect} other */
export const isOver = (one, other) =>
  one.x < other.x + other.width &&
  other.x < one.x + one.width &&
  one.y < other.y + other.height &&
  other.y < one.y + one.height;

/** How often two lines cross: where they meet at an end counts too. @param {Point[]} one @param {Point[]} other */
export const crossings = (one, other) => {
  if (!isOver(boundsOf(one), boundsOf(other))) return 0;
  const others = segments(other);
  return segments(one).reduce(
    (sum, [a, b]) => sum + others.filter(([c, d]) => areCrossed(a, b, c, d)).length,
    0,
  );
};

/** @template T @param {T[]} all @returns {[T, T][]} */
export const pairs = (all) => all.flatMap((one, n) => all.slice(n + 1).map((other) => [one, other]));
