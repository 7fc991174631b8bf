import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';

interface Measured {
  readonly sessions: number;
  /** Of the feed, a listing. */
  readonly lines: number;
  /** CPU milliseconds of each listing; those at the same place were taken right after each other. */
  readonly without: readonly number[];
  readonly observed: readonly number[];
  readonly withFeed: readonly number[];
}

/** What a process compiles, and when, differs from one to the next. */
const processes = 7;
const script = new URL('inspectedListings.mjs', import.meta.url).pathname;

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

/** By pairs: the machine may be twice as fast a second later. */
const ratio = (dear: readonly number[], cheap: readonly number[]): number =>
  median(dear.map((ms, n) => ms / (cheap[n] ?? Number.NaN)));

const shown = (ratios: readonly number[]): string =>
  `x ${median(ratios).toFixed(3)} (${ratios.map((one) => one.toFixed(3)).join(' ')})`;

test('the feed of 1,000 sessions costs less than a tenth, and what is kept without one less than that', () => {
  const all = Array.from(
    { length: processes },
    () => JSON.parse(execFileSync(process.execPath, [script], { encoding: 'utf8' })) as Measured,
  );
  const kept = all.map(({ observed, without }) => ratio(observed, without));
  const feed = all.map(({ withFeed, observed }) => ratio(withFeed, observed));
  const bare = median(all.map(({ without }) => median(without)));
  console.info(
    `CPU time of a listing of 1,000 sessions: ${bare.toFixed(1)} ms without inspection; with the tree and histories kept ` +
      `${shown(kept)}; with a feed of ${all[0]?.lines} lines each ${shown(feed)} of that`,
  );
  for (const { sessions } of all) expect(sessions).toBe(1_000);
  expect(median(kept)).toBeLessThan(1.1);
  expect(median(feed)).toBeLessThan(1.1);
});
