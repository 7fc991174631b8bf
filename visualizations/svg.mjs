/** A chart as one SVG: what Graphviz drew, with the names of states and transitions on its parts, coloured by classes. */
import { instance } from '@viz-js/viz';
import { css } from './css.mjs';
import { graphsOf, overviewOf } from './dot.mjs';
import { childrenOf, nameOf } from './tree.mjs';

const viz = await instance();

const escaped = (text) =>
  text.replace(/[&<>"]/g, (sign) => `&#${sign.codePointAt(0)};`).replaceAll('\n', ' ');
const data = (all) =>
  Object.entries(all)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => ` data-${name}="${escaped(value)}"`)
    .join('');

/** An arrow for several transitions is drawn once for each of them, with its own line of the label. */
const edgesOf = (ways, inner) => {
  const texts = inner.match(/<text[\s\S]*?<\/text>/g) ?? [];
  const line = inner.replace(/<text[\s\S]*?<\/text>\n?/g, '').trim();
  const words = [...new Set(ways.map(({ label }) => label))];
  const told = new Set();
  return ways.map(({ source, target, event, guard, label }) => {
    const text = told.has(label) ? '' : (texts[words.indexOf(label)] ?? '');
    told.add(label);
    const about = data({ source: nameOf(source), event, target: nameOf(target), guard });
    return `<g class="edge"${about}>\n${[line, text].filter(Boolean).join('\n')}\n</g>`;
  });
};

const dressed = (part, kind, inner) => {
  if (part === undefined)
    return `<g class="${kind === 'edge' ? 'begin' : kind.replace(/^(node|edge|cluster) /, '')}">${inner}</g>`;
  if (part.kind === 'edge') return edgesOf(part.ways, inner).join('\n');
  if (part.kind === 'sign') return `<g class="sign"${data({ to: nameOf(part.to) })}>${inner}</g>`;
  const { description } = part.node;
  const why = description === undefined ? '' : `<title>${escaped(description)}</title>`;
  const looks = kind.split(' ').filter((word) => ['final', 'region', 'leaf', 'cluster'].includes(word));
  // The contract of the picture: exactly this class, and what kind of state it is apart from it.
  return `<g class="state" data-kind="${[...new Set(looks)].join(' ')}" data-state="${escaped(nameOf(part.node))}">${why}${inner}</g>`;
};

/** The colours are the style sheet's. */
const plain = (text) =>
  text
    .replace(/<title>[\s\S]*?<\/title>\n?/g, '')
    .replace(/ (fill|stroke|font-family|font-size)="[^"]*"/g, '');

const drawn = (dot, parts) => {
  const { status, output = '', errors } = viz.render(dot, { format: 'svg' });
  if (status !== 'success') throw new Error(errors.map(({ message }) => message).join('; '));
  const [, width = 0, height = 0] = /viewBox="\S+ \S+ (\S+) (\S+)"/.exec(output)?.map(Number) ?? [];
  const inside = /<g id="graph0"[^>]*transform="([^"]*)"[^>]*>([\s\S]*)<\/g>\s*<\/svg>/.exec(output);
  const body = (inside?.[2] ?? '')
    .replace(/<!--[\s\S]*?-->\n?/g, '')
    .replace(/<g id="([^"]*)" class="([^"]*)">([\s\S]*?)<\/g>/g, (_, id, kind, inner) =>
      dressed(parts.get(id), kind, plain(inner)),
    );
  return {
    width,
    height,
    transform: inside?.[1] ?? '',
    body: body.replace(/^<title>[\s\S]*?<\/title>\n?/, '').trim(),
  };
};

/** As wide as the widest, or as a page: pictures side by side, high ones first. */
const rows = (pictures) => {
  const widest = Math.max(1100, ...pictures.map(({ width }) => width));
  const all = [];
  let [x, y, high] = [0, 0, 0];
  for (const picture of [...pictures].sort((one, other) => other.height - one.height)) {
    if (x > 0 && x + picture.width > widest) [x, y, high] = [0, y + high + gap, 0];
    all.push({ ...picture, x, y });
    x += picture.width + gap;
    high = Math.max(high, picture.height);
  }
  return all;
};
const gap = 16;

const assembled = (name, { dots, parts }) => {
  const all = rows(dots.map((dot) => drawn(dot, parts)));
  const width = Math.ceil(Math.max(...all.map((one) => one.x + one.width)));
  const height = Math.ceil(Math.max(...all.map((one) => one.y + one.height)));
  const body = all.map(
    (one) =>
      `<g transform="translate(${one.x.toFixed(2)} ${one.y.toFixed(2)}) ${one.transform}">\n${one.body}\n</g>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" class="chart" role="img" aria-label="${name}" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">
<style>${css}</style>
<rect class="paper" width="${width}" height="${height}"/>
${body.join('\n')}
</svg>
`;
};

/** @param {import('xstate').AnyStateMachine} machine */
export const svg = (machine) => assembled(`The ${machine.id} chart`, graphsOf(machine));

/** The top states alone, for a chart whose whole picture is drawn in parts. @param {import('xstate').AnyStateMachine} machine */
export const overview = (machine) =>
  graphsOf(machine).dots.length > 1
    ? assembled(`An overview of the ${machine.id} chart`, overviewOf(machine))
    : undefined;

/** For the same charts, a picture of each top state that holds others, by its name. @param {import('xstate').AnyStateMachine} machine */
export const closeUps = (machine) => {
  const { dots, parts } = graphsOf(machine);
  if (dots.length === 1) return {};
  const composite = childrenOf(machine.root).flatMap((top, n) =>
    childrenOf(top).length > 0 ? [[top.key, { dots: [dots[n]], parts }]] : [],
  );
  return Object.fromEntries(
    composite.map(([key, graphs]) => [key, assembled(`${key}, in the ${machine.id} chart`, graphs)]),
  );
};
