import type { SkippedRow } from '../../machines/vocabulary.js';
import { readRows } from './rows.js';

const grammar = /^[A-Z0-9_]{1,64}$/;

/** The output of x2gofeaturelist, in its order. */
export function parseFeatures(text: string): { features: string[]; skipped: SkippedRow[] } {
  const { rows, skipped } = readRows(text, (line) =>
    grammar.test(line) ? { name: line } : 'not a feature name',
  );
  return { features: rows.map(({ name }) => name), skipped };
}
