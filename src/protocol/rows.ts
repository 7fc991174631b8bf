import type { SkippedRow } from '../../machines/vocabulary.js';
import { clean, truncate } from './text.js';

/** How much of a row that was not understood is kept. */
const keptLength = 200;

// A row that is skipped may still hold a session's cookie, 32 hex digits. No other field has as many in
// a row, and half a cookie is too much.
const secrets = /[0-9a-fA-F]{16,}/g;

/** The row as it may be shown and logged: no control characters, no cookie, no more than 200 characters. */
export function skip(reason: string, line: string): SkippedRow {
  return { reason, line: truncate(clean(line).replace(secrets, '<hidden>'), keptLength) };
}

/** The rows of a listing. An empty line is not a row: x2golistmounts prints one when there are no mounts. */
export function linesOf(text: string): readonly string[] {
  return text.split('\n').filter((line) => line !== '');
}

/** Each row read by `read`, in order; a row it refuses with a string is skipped for that reason. */
export function readRows<Row extends object>(
  text: string,
  read: (line: string) => Row | string,
): { rows: Row[]; skipped: SkippedRow[] } {
  const rows: Row[] = [];
  const skipped: SkippedRow[] = [];
  for (const line of linesOf(text)) {
    const row = read(line);
    if (typeof row === 'string') skipped.push(skip(row, line));
    else rows.push(row);
  }
  return { rows, skipped };
}
