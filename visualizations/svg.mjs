/** The pictures of a chart. */
import { boxesOf, isDrawnInParts, nameOfArrow } from './boxes.mjs';
import { css } from './css.mjs';
import { lengthOf } from './flaws.mjs';
import { inRows } from './flow.mjs';
import { arrowsIn, pageWidth, placed, sized } from './layout.mjs';
import { overviewOf } from './overview.mjs';
import { insideOf } from './paint.mjs';

const margin = 8;

/** @param {string} name @param {import('./layout.mjs').Placed} picture */
const assembled = (name, picture) => {
  const { states, ways } = insideOf(picture, [margin, margin]);
  const width = Math.ceil(picture.width + 2 * margin);
  const height = Math.ceil(picture.height + 2 * margin);
  return `<svg xmlns="http://www.w3.org/2000/svg" class="chart" role="img" aria-label="${name}" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">
<style>${css}</style>
<rect class="paper" width="${width}" height="${height}"/>
${[...states, ...ways].join('\n')}
</svg>
`;
};

/** An arrow longer than this is hard to follow: where it leads is told in words. */
const longest = 420;

/** A chart's boxes, with the arrows that would be too long listed. @param {import('xstate').AnyStateMachine} machine */
const readable = (machine, listed = new Set()) => {
  const boxes = boxesOf(machine, listed);
  const drawn = arrowsIn(placed(boxes, pageWidth)).filter(({ arrow }) => arrow !== undefined);
  const isOnlyWay = ({ arrow: { to } }) => drawn.filter(({ arrow }) => arrow.to === to).length === 1;
  // What leads back is missed least in a picture, what alone leads to a state most.
  const weight = (one) => lengthOf(one) * (one.arrow.from.order > one.arrow.to.order ? 3 : 1);
  const [worst] = drawn
    .filter((one) => lengthOf(one) > longest && !isOnlyWay(one))
    .sort((one, other) => weight(other) - weight(one));
  if (worst === undefined) return boxes;
  return readable(machine, new Set([...listed, nameOfArrow(worst.arrow.from, worst.arrow.to)]));
};

const known = new Map();
/** @param {import('xstate').AnyStateMachine} machine @returns {import('./boxes.mjs').Box} */
const boxes = (machine) => {
  const found = known.get(machine) ?? readable(machine);
  known.set(machine, found);
  return found;
};

/** @param {import('xstate').AnyStateMachine} machine */
export const svg = (machine) => assembled(`The ${machine.id} chart`, placed(boxes(machine), pageWidth));

/** The top states alone, for a chart whose whole picture is drawn in parts. @param {import('xstate').AnyStateMachine} machine */
export const overview = (machine) =>
  isDrawnInParts(machine.root)
    ? assembled(`An overview of the ${machine.id} chart`, placed(overviewOf(machine), pageWidth))
    : undefined;

/** For the same charts, a picture of each top state that holds others, by its name. @param {import('xstate').AnyStateMachine} machine */
export const closeUps = (machine) => {
  if (!isDrawnInParts(machine.root)) return {};
  const { children, first } = boxes(machine);
  const composite = children.filter((top) => top.children.length > 0);
  return Object.fromEntries(
    composite.map((top) => [
      top.node.key,
      assembled(
        `${top.node.key}, in the ${machine.id} chart`,
        inRows([sized(top, pageWidth)], pageWidth, first),
      ),
    ]),
  );
};
