/**
 * A machine as a graph for Graphviz. A state with states inside is a cluster; an arrow from it starts at its "anywhere",
 * one to it ends at its black dot (a bar where its regions start side by side). In a chart with many ways between its
 * top states each top state is a picture of its own, and a way out of it ends at a signpost: drawn across, the lines
 * would hide the labels.
 */

import { grouped, waysFrom } from './transitions.mjs';
import { childrenOf, nameOf } from './tree.mjs';

/** @typedef {import('xstate').AnyStateNode} Node */
/** @typedef {import('./transitions.mjs').Way} Way */
/**
 * @typedef {{ kind: 'state', node: Node } | { kind: 'edge', ways: Way[] } | { kind: 'sign', to: Node }} Part
 * @typedef {{ dots: string[], parts: Map<string, Part> }} Graphs
 */

/** Above this many ways between top states they are no longer drawn across. */
const manyWays = 24;

const quoted = (text) => `"${text.replace(/["\\]/g, '\\$&')}"`;
const attributes = (all) =>
  `[${Object.entries(all)
    .map(([name, value]) => `${name}=${typeof value === 'number' ? value : quoted(value)}`)
    .join(' ')}]`;
/** A label of lines, each of them left-aligned. */
const lines = (all) => `"${all.map((line) => `${line.replace(/["\\]/g, '\\$&')}\\l`).join('')}"`;

const isComposite = (node) => childrenOf(node).length > 0;
/** @param {Node} node @returns {Node} */
const topOf = (node) => (node.parent?.parent ? topOf(node.parent) : node);

const graph = (body) =>
  [
    'digraph {',
    '  graph [rankdir=TB compound=true fontname="Helvetica" fontsize=14 ranksep=0.4 nodesep=0.35 labeljust=l bgcolor=transparent style=rounded]',
    '  node [shape=box style="rounded,filled" fontname="Helvetica" fontsize=13 height=0.35 margin="0.14,0.06"]',
    '  edge [fontname="Helvetica" fontsize=12.5 arrowsize=0.7]',
    ...body.map((line) => `  ${line}`),
    '}',
  ].join('\n');

/** @param {import('xstate').AnyStateMachine} machine @returns {Graphs} */
export function graphsOf({ root }) {
  const parts = new Map();
  const part = (kind, what) => {
    const id = `part${parts.size}`;
    parts.set(id, { kind, ...what });
    return id;
  };
  const ways = waysFrom(root);
  const isAcross = ({ source, target }) => source !== root && topOf(source) !== topOf(target);
  const signposted = ways.filter(isAcross).length > manyWays;
  const isSigned = (way) => signposted && (isAcross(way) || way.source === root);
  const anywheres = new Set(ways.flatMap(({ source }) => (isComposite(source) ? [nameOf(source)] : [])));

  const startOf = (node) => quoted(isComposite(node) ? `any ${nameOf(node)}` : nameOf(node));
  const endOf = (node) => quoted(isComposite(node) ? `into ${nameOf(node)}` : nameOf(node));
  const signOf = ({ source, target }) => quoted(`sign ${nameOf(source)} > ${nameOf(target)}`);

  /** @param {Node} node @returns {string[]} */
  const entry = (node) => {
    const bar = node.type === 'parallel';
    const shape = bar
      ? {
          shape: 'box',
          label: '',
          class: 'entry',
          height: 0.05,
          width: 1.6,
          fixedsize: 'true',
          style: 'filled',
        }
      : {
          shape: 'circle',
          label: '',
          class: 'entry',
          width: 0.12,
          height: 0.12,
          fixedsize: 'true',
          style: 'filled',
        };
    const firsts = bar ? childrenOf(node) : node.initial.target;
    return [
      `${quoted(`into ${nameOf(node)}`)} ${attributes(shape)}`,
      ...firsts.map((first) => `${quoted(`into ${nameOf(node)}`)} -> ${endOf(first)} [class="begin"]`),
    ];
  };
  const anywhere = (node) =>
    anywheres.has(nameOf(node))
      ? [
          `${quoted(`any ${nameOf(node)}`)} [shape=plaintext class="anywhere" label="anywhere" height=0.2 margin="0.04,0.02"]`,
        ]
      : [];
  const signs = (node) => {
    const signed = ways.filter((way) => way.source === node && isSigned(way));
    return [...grouped(signed, signOf)].map(
      ([sign, [{ target }]]) =>
        `${sign} [shape=cds height=0.25 margin="0.12,0.03" class="sign" id=${part('sign', { to: target })} label=${quoted(nameOf(target))}]`,
    );
  };

  /** @param {Node} node @returns {string[]} */
  const stateOf = (node) => {
    const id = part('state', { node });
    const actors = node.invoke.map((actor) => actor.src);
    if (!isComposite(node)) {
      const label = actors.length > 0 ? `${node.key}\\n${actors.join(', ')}` : node.key;
      const own = [
        `${quoted(nameOf(node))} [id=${id} class="${node.type === 'final' ? 'leaf final' : 'leaf'}" ${
          node.type === 'final' ? 'peripheries=2 ' : ''
        }label="${label}"]`,
      ];
      return [...own, ...signs(node)];
    }
    const title = actors.length > 0 ? `${node.key} (${actors.join(', ')})` : node.key;
    const kind = node.parent?.type === 'parallel' ? 'cluster region' : 'cluster';
    return [
      `subgraph ${quoted(`cluster ${nameOf(node)}`)} {`,
      `  graph [id=${id} class="${kind}" label=${quoted(title)}]`,
      ...[...anywhere(node), ...entry(node), ...childrenOf(node).flatMap(stateOf), ...signs(node)].map(
        (line) => `  ${line}`,
      ),
      '}',
    ];
  };

  const endpoints = (way) => `${startOf(way.source)} -> ${isSigned(way) ? signOf(way) : endOf(way.target)}`;
  const arrows = (from) =>
    [...grouped(from, endpoints)].map(([ends, joined]) => {
      const words = new Set(joined.map(({ label }) => label));
      return `${ends} [id=${part('edge', { ways: joined })} label=${lines([...words])}]`;
    });

  const start = [
    ...(anywheres.has('')
      ? ['"any " [shape=plaintext class="anywhere" label="from anywhere" height=0.2 margin="0.04,0.02"]']
      : []),
    ...signs(root),
  ];
  if (!signposted)
    return {
      dots: [graph([...start, ...entry(root), ...childrenOf(root).flatMap(stateOf), ...arrows(ways)])],
      parts,
    };
  const tops = childrenOf(root).map((top) => {
    const first = root.initial.target.includes(top) ? entry(root) : [];
    const own = ways.filter(({ source }) => source !== root && topOf(source) === top);
    return graph([...first, ...stateOf(top), ...arrows(own)]);
  });
  const fromAnywhere = [...start, ...arrows(ways.filter(({ source }) => source === root))];
  return { dots: anywheres.has('') ? [...tops, graph(fromAnywhere)] : tops, parts };
}

/** The top states of a machine and the ways between them, without words. @param {import('xstate').AnyStateMachine} machine */
export function overviewOf({ root }) {
  const parts = new Map(childrenOf(root).map((node, n) => [`part${n}`, { kind: 'state', node }]));
  const ways = waysFrom(root).filter(
    ({ source, target }) => source !== root && topOf(source) !== topOf(target),
  );
  const nodes = [...parts].map(([id, { node }]) => {
    const kind = node.type === 'final' ? 'leaf final" peripheries=2' : 'leaf"';
    return `${quoted(node.key)} [id=${id} class="${kind} label=${quoted(node.key)}]`;
  });
  const pairs = [
    ...grouped(ways, ({ source, target }) => `${topOf(source).key} ${topOf(target).key}`).keys(),
  ].map((pair) => pair.split(' '));
  const hasPair = (from, to) => pairs.some(([source, target]) => source === from && target === to);
  const isSecond = (from, to) =>
    hasPair(to, from) && pairs.findIndex(([one]) => one === to) < pairs.findIndex(([one]) => one === from);
  const arrows = pairs
    .filter(([from, to]) => !isSecond(from, to))
    .map(([from, to]) => `${quoted(from)} -> ${quoted(to)}${hasPair(to, from) ? ' [dir=both]' : ''}`);
  return { dots: [graph([...nodes, ...arrows])], parts };
}
