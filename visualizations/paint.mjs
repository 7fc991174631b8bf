/** What was laid out as SVG, with the names of states and transitions on its parts, coloured by classes. */
import { moved } from './flow.mjs';
import { titleOf } from './layout.mjs';
import { measures } from './text.mjs';
import { grouped } from './transitions.mjs';
import { nameOf } from './tree.mjs';

/** @typedef {import('./layout.mjs').PlacedBox} PlacedBox */
/** @typedef {import('./layout.mjs').Placed} Placed */

const { line, name, actor, pad, tab, labelIndent, bodyTop } = measures;
const short = (number) => String(Math.round(number * 10) / 10);
const escaped = (text) =>
  text.replace(/[&<>"]/g, (sign) => `&#${sign.codePointAt(0)};`).replaceAll('\n', ' ');
const data = (all) =>
  Object.entries(all)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` data-${key}="${escaped(value)}"`)
    .join('');
const about = ({ source, target, event, guard }) =>
  data({ source: nameOf(source), event, target: nameOf(target), guard });

const written = (kind, x, y, text) =>
  `<text class="${kind}" x="${short(x)}" y="${short(y)}">${escaped(text)}</text>`;
const rectangle = ({ x, y, width, height }, kind, round = 8) =>
  `<rect class="${kind}" x="${short(x)}" y="${short(y)}" width="${short(width)}" height="${short(height)}" rx="${round}"/>`;
const rule = (x, y, width) => `<path class="rule" d="M${short(x)} ${short(y)}h${short(width)}"/>`;

const kindOf = ({ node, children }) => {
  if (node.type === 'final') return 'leaf final';
  if (children.length === 0) return 'leaf';
  return node.parent?.type === 'parallel' ? 'cluster region' : 'cluster';
};

/** @param {PlacedBox} placed */
const stateOf = ({ box, x, y, width, height }) => {
  const { node, children, actors, rows } = box;
  const { description } = node;
  const middle = x + width / 2;
  const top = name + (children.length === 0 && actors.length > 0 ? actor : 0);
  const parts = [
    rectangle({ x, y, width, height }, 'frame'),
    ...(node.type === 'final'
      ? [rectangle({ x: x + 3, y: y + 3, width: width - 6, height: height - 6 }, 'inset', 6)]
      : []),
    ...(children.length > 0
      ? [written('title', x + pad, y + 17, titleOf(box))]
      : [written('name', middle, y + 17, node.key)]),
    ...(children.length === 0 && actors.length > 0
      ? [written('actor', middle, y + 31, actors.join(', '))]
      : []),
    ...(rows.length > 0 ? [rule(x, y + top + 3, width)] : []),
    ...(rows.length > 0 && children.length > 0 ? [rule(x, y + top + 8 + rows.length * line, width)] : []),
  ];
  if (node.type === 'anywhere') return `<g class="anywhere">\n${parts.join('\n')}\n</g>`;
  const why = description === undefined ? '' : `<title>${escaped(description)}</title>`;
  return `<g class="state" data-kind="${kindOf(box)}" data-state="${escaped(nameOf(node))}">${why}\n${parts.join('\n')}\n</g>`;
};

/** @param {PlacedBox} placed */
export const rowsOf = ({ box, x, y, columns }) => {
  const top = y + name + (box.children.length === 0 && box.actors.length > 0 ? actor : 0) + 4;
  return box.rows.map(({ way, words, to }, n) => {
    const base = top + n * line + 11;
    const texts = [
      ...(words ? [written('told', x + pad, base, words)] : []),
      written('to', x + pad + columns + tab, base, `→ ${to}`),
    ];
    return `<g class="${way ? 'edge way' : 'way'}"${way ? about(way) : ''}>\n${texts.join('\n')}\n</g>`;
  });
};

const at = ([x, y]) => `${short(x)} ${short(y)}`;
/** @param {import('./graphviz.mjs').Point[]} curve @param {import('./graphviz.mjs').Point} tip */
const lineOf = (curve, tip) => {
  const [first, ...rest] = curve;
  const [endX, endY] = curve[curve.length - 1];
  const [dx, dy] = [tip[0] - endX, tip[1] - endY];
  const long = Math.hypot(dx, dy) || 1;
  const [ox, oy] = [(-dy / long) * 3.2, (dx / long) * 3.2];
  const head = [tip, [endX + ox, endY + oy], [endX - ox, endY - oy]];
  return [
    `<path d="M${at(first)}C${rest.map(at).join(' ')}"/>`,
    `<polygon points="${head.map((point) => point.map(short).join(',')).join(' ')}"/>`,
  ].join('\n');
};

/** An arrow for several transitions is drawn once for each of them, with its own line of the label. */
const arrowOf = ({ arrow, curve, tip, label }) => {
  const drawn = lineOf(curve, tip);
  if (arrow === undefined || label === undefined) return [`<g class="begin">\n${drawn}\n</g>`];
  const words = [...grouped(arrow.lines, (one) => one.words)];
  return words.flatMap(([text, lines], n) =>
    lines.map(({ way }, again) => {
      const base = label.y + 2 + n * line + 11;
      const told = again === 0 ? `\n${written('label', label.x + labelIndent, base, text)}` : '';
      return `<g class="edge"${about(way)}>\n${drawn}${told}\n</g>`;
    }),
  );
};

/** States from the outside in, then what leads from one to the other. @param {Placed} placed @param {[number, number]} by */
export const insideOf = (placed, by) => {
  const { boxes, begin, arrows } = moved(placed, by);
  const inner = boxes.map((box) => boxOf(box));
  const dot =
    begin &&
    `<g class="entry"><circle cx="${short(begin.x + begin.width / 2)}" cy="${short(begin.y + begin.height / 2)}" r="4.5"/></g>`;
  return {
    states: [...(dot ? [dot] : []), ...inner.flatMap(({ states }) => states)],
    ways: [...arrows.flatMap(arrowOf), ...inner.flatMap(({ ways }) => ways)],
  };
};

/** @param {PlacedBox} placed */
const boxOf = (placed) => {
  const { x, y, width, head, body } = placed;
  const left = x + (width - body.width) / 2;
  const inner = insideOf(body, [left, y + head + bodyTop]);
  return { states: [stateOf(placed), ...inner.states], ways: [...rowsOf(placed), ...inner.ways] };
};
