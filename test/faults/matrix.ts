/** Prints the matrix of faults from a run of the tests that name them: what was seen, and how long it took. */
import type { Reporter, TestModule } from 'vitest/node';
import { type FaultRow, rows } from './rows.js';
import { root, rowsNamed, seenBy } from './titles.js';

export interface Sight {
  readonly title: string;
  readonly file: string;
  readonly state: 'passed' | 'failed' | 'skipped' | 'pending';
  readonly ms: number;
  /** How often it was tried again. */
  readonly again: number;
}

const isSeen = (sights: readonly Sight[]) =>
  sights.some(({ state }) => state === 'passed') && sights.every(({ state }) => state !== 'failed');
const time = (ms: number) => (ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`);
const mark = { passed: 'seen  ', failed: 'FAILED', skipped: 'not run', pending: 'not run' } as const;

const lineOf = ({ state, ms, title, file, again }: Sight) =>
  `      ${mark[state]} ${time(ms).padStart(8)}  ${seenBy(title)}  (${file}${again > 0 ? `, tried ${again + 1} times` : ''})`;

function partOf({ n, fault, within, by }: FaultRow, sights: readonly Sight[]): string[] {
  const bound = within === undefined ? '' : `, within ${within}`;
  const word = isSeen(sights) ? 'ok     ' : 'MISSING';
  return [`${String(n).padStart(3)} ${word} ${fault} (${by}${bound})`, ...sights.map(lineOf)];
}

/** The whole table, and the rows that nothing showed. */
export function matrixOf(sights: readonly Sight[]): { text: string; missing: readonly number[] } {
  const of = ({ n }: FaultRow) => sights.filter(({ title }) => rowsNamed(title).includes(n));
  const missing = rows.filter((row) => !isSeen(of(row))).map(({ n }) => n);
  const lines = rows.flatMap((row) => partOf(row, of(row)));
  const sum = `${rows.length - missing.length} of ${rows.length} faults seen`;
  const rest = missing.length === 0 ? '' : `; missing: ${missing.join(', ')}`;
  return { text: [...lines, '', `${sum}${rest}`].join('\n'), missing };
}

const sightsIn = (modules: readonly TestModule[]): Sight[] =>
  modules.flatMap((module) =>
    [...module.children.allTests()]
      .filter(({ fullName }) => rowsNamed(fullName).length > 0)
      .map((test) => ({
        title: test.fullName,
        file: module.moduleId.replace(root, ''),
        state: test.result().state,
        ms: test.diagnostic()?.duration ?? 0,
        again: test.diagnostic()?.retryCount ?? 0,
      })),
  );

export default class FaultMatrix implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const { text, missing } = matrixOf(sightsIn(modules));
    console.log(`\n${text}`);
    if (missing.length > 0) process.exitCode = 1;
  }
}
