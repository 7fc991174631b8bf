import { readdirSync, readFileSync } from 'node:fs';

export const root = new URL('../../', import.meta.url).pathname;

const naming = /\bFAULTS (\d+(?:, \d+)*): /g;

/** The rows that a test's whole name speaks of, those around it included. */
export const rowsNamed = (title: string): number[] => [
  ...new Set([...title.matchAll(naming)].flatMap(([, list = '']) => list.split(', ').map(Number))),
];

/** What stands behind the number: what such a test has seen when it passed. */
export const seenBy = (title: string): string => title.replace(naming, '');

export interface Naming {
  readonly file: string;
  readonly rows: readonly number[];
}

/** Every test file that names rows in a title, read without running it. */
export const namings = (): Naming[] =>
  readdirSync(`${root}test`, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts'))
    .sort()
    .flatMap((name) => {
      const file = `test/${name}`;
      const titles = readFileSync(root + file, 'utf8').match(/['"`]FAULTS \d+(?:, \d+)*: /g) ?? [];
      const rows = [...new Set(titles.flatMap(rowsNamed))];
      return rows.length > 0 ? [{ file, rows }] : [];
    });
