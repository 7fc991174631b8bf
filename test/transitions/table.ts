import type { AnyStateMachine } from 'xstate';
import { attachmentMachine } from '../../machines/attachment.js';
import { guardianMachine } from '../../machines/guardian.js';
import { profileMachine } from '../../machines/profile.js';
import { proxyMachine } from '../../machines/proxy.js';
import { sessionMachine } from '../../machines/session.js';
import { tunnelMachine } from '../../machines/tunnel.js';
import { partsOf } from '../machines/support/coverage.js';

type Part = keyof ReturnType<typeof partsOf>;
/** What a run has seen of each chart, by its id. */
export type Seen = Readonly<Record<string, Readonly<Record<Part, readonly string[]>>>>;

export const charts: readonly AnyStateMachine[] = [
  guardianMachine,
  profileMachine,
  sessionMachine,
  attachmentMachine,
  tunnelMachine,
  proxyMachine,
];

const columns = [
  ['states', 'entered', 'never entered'],
  ['transitions', 'taken', 'never taken'],
  ['guards that said no', 'refused', 'its guard never said no'],
] as const satisfies readonly (readonly [string, Part, string])[];

/** One line a chart, and by name whatever no actor of the whole run did. */
export function tableOf(runs: readonly Seen[], machines = charts): { text: string; missing: number } {
  const lines = [`${'chart'.padEnd(12)}${columns.map(([title]) => title.padStart(21)).join('')}`];
  const left: string[] = [];
  for (const machine of machines) {
    const { id } = machine;
    const all = partsOf(machine);
    const cells = columns.map(([, part, complaint]) => {
      const seen = new Set(runs.flatMap((run) => run[id]?.[part] ?? []));
      const unseen = all[part].filter((name) => !seen.has(name));
      left.push(...unseen.map((name) => `${complaint}: ${name}`));
      const [some, whole] = [all[part].length - unseen.length, all[part].length];
      const share = whole === 0 ? 100 : Math.floor((100 * some) / whole);
      return `${some} / ${whole}  ${share} %`.padStart(21);
    });
    lines.push(`${id.padEnd(12)}${cells.join('')}`);
  }
  return { text: [...lines, ...left].join('\n'), missing: left.length };
}
