/** A chart as a page of Markdown: its Mermaid diagram, its states, and what it needs from the world. */

import { graphsOf } from './dot.mjs';
import { diagram, guardOf, transitionsOf, wordsOf } from './mermaid.mjs';
import { childrenOf, nameOf, nodesBelow } from './tree.mjs';

/** @typedef {import('xstate').AnyStateMachine} Machine */

const cell = (text) => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
const code = (text) => `\`${text}\``;
const table = (head, rows) =>
  [head, head.map(() => '---'), ...rows].map((row) => `| ${row.map(cell).join(' | ')} |`).join('\n');

/** A state's own tags and those of the states around it. */
const tagsOf = (node) => (node === undefined ? [] : [...tagsOf(node.parent), ...node.tags]);

const kindOf = (node) => {
  if (node.type === 'final') return ' (final)';
  if (node.type === 'parallel') return ' (parallel)';
  return '';
};
const actorsOf = (node) =>
  node.invoke.map(({ id, src }) => (id === src ? code(src) : `${code(src)} as ${code(id)}`));

const stateRow = (node) => [
  `${code(nameOf(node))}${kindOf(node)}`,
  node.description ?? (childrenOf(node).length > 0 ? 'A region: see its states.' : ''),
  tagsOf(node).map(code).join(', '),
  actorsOf(node).join(', '),
];

/** Transitions that change no state are not drawn: they are listed. */
const quietRows = (root) =>
  [root, ...nodesBelow(root)].flatMap((node) =>
    transitionsOf(node)
      .filter(({ target }) => target === undefined)
      .map((transition) => [
        node === root ? 'anywhere' : code(nameOf(node)),
        wordsOf(transition.eventType),
        guardOf(transition) ?? '',
        [transition.description, actionsOf(transition).map(code).join(', ')].filter(Boolean).join(' '),
      ]),
  );
/** What is done without a name of its own is told by the description. */
const actionsOf = ({ actions }) =>
  actions
    .map((action) => (typeof action === 'string' ? action : action.type))
    .filter((type) => type && !type.startsWith('xstate.'));

/** How to read a picture that is drawn in parts, and each part by itself. @param {Machine} machine */
const signposts = (machine) => {
  if (graphsOf(machine).dots.length === 1) return '';
  const composite = childrenOf(machine.root).filter((top) => childrenOf(top).length > 0);
  const links = composite.map(({ key }) => `[${key}](${machine.id}-${key}.svg)`);
  return `
Each top state is drawn by itself; a signpost names the state where a way out of it leads. At a glance:

![The top states of the ${machine.id}](${machine.id}-overview.svg)

One by one: ${links.join(', ')}.
`;
};

/** @param {Machine} machine */
export function page(machine) {
  const { id, root } = machine;
  const own = actorsOf(root);
  return `<!-- Written by visualizations/diagrams.mjs from machines/: edit the chart, then run "npm run diagrams". -->
# The ${id} chart

![The ${id} chart](${id}.svg)
${signposts(machine)}
The same as text:

\`\`\`mermaid
${diagram(machine)}
\`\`\`

A label reads: event, [guard]; \`after\` names a delay of machines/policy.ts, \`done\` and \`error\` the end of an actor.${
    own.length > 0 ? `\nAlive as long as the chart: ${own.join(', ')}.` : ''
  }

## States

${table(['state', 'why', 'tags', 'actors'], nodesBelow(root).map(stateRow))}

## Heard without a change of state

${table(['in', 'event', 'if', 'does'], quietRows(root))}
`;
}
