/** A chart as a page of Markdown: its Mermaid diagram, its states, and what it needs from the world. */

import { isDrawnInParts } from './boxes.mjs';
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

/** A chart that is drawn in parts is told in parts. @param {Machine} machine */
const pictures = ({ id, root }) => {
  if (!isDrawnInParts(root)) return `![The ${id} chart](${id}.svg)`;
  const composite = childrenOf(root).filter((top) => childrenOf(top).length > 0);
  const parts = composite.map(({ key }) => `### ${key}\n\n![${key}, in the ${id} chart](${id}-${key}.svg)`);
  return `Its top states at a glance:

![The top states of the ${id}](${id}-overview.svg)

Each top state that holds others is drawn by itself below; [all of it in one picture](${id}.svg) is what the live page shows.

${parts.join('\n\n')}`;
};

/** @param {Machine} machine */
export function page(machine) {
  const { id, root } = machine;
  const own = actorsOf(root);
  return `<!-- Written by visualizations/diagrams.mjs from machines/: edit the chart, then run "npm run diagrams". -->
# The ${id} chart

In a box: the state, the actor it runs, and ways told in words (event, [guard] → where to). On an arrow: the same, after the name
of the state inside the box where the way starts, and before the one where it ends. \`after\` names a delay of machines/policy.ts,
\`done\` and \`error\` the end of an actor. A black dot leads to where it starts.

${pictures(machine)}

${isDrawnInParts(root) ? '### The same as text' : 'The same as text:'}

\`\`\`mermaid
${diagram(machine)}
\`\`\`

${own.length > 0 ? `Alive as long as the chart: ${own.join(', ')}.\n` : ''}
## States

${table(['state', 'why', 'tags', 'actors'], nodesBelow(root).map(stateRow))}

## Heard without a change of state

${table(['in', 'event', 'if', 'does'], quietRows(root))}
`;
}
