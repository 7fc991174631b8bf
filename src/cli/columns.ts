import { fill, shorten, widthOf } from './width.js';

/** A column of a table for people. */
export interface Column {
  readonly title: string;
  /** 0 stays to the last; the highest goes first where the window is narrow. */
  readonly rank: number;
  /** How far it may shrink before columns of higher rank than its own have to go. @default its whole width */
  readonly least?: number;
}

/** Which columns shorten, and how wide each is. */
export interface Layout {
  readonly shown: readonly number[];
  readonly widths: readonly number[];
}

export const gap = '  ';

/** Fits columns into `room`: what can shrink shrinks first, then whole columns go, highest rank first. */
export function layOut(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  room: number,
): Layout {
  const natural = columns.map(({ title }, index) =>
    Math.max(widthOf(title), ...rows.map((row) => widthOf(row[index] ?? ''))),
  );
  const least = columns.map((column, index) =>
    Math.min(natural[index] ?? 0, column.least ?? natural[index] ?? 0),
  );
  const sum = (shown: readonly number[], widths: readonly number[]) =>
    shown.reduce((total, index) => total + (widths[index] ?? 0), 0) +
    gap.length * Math.max(0, shown.length - 1);

  let shown = columns.map((_, index) => index);
  while (shown.length > 1 && sum(shown, least) > room) {
    const last = shown.reduce((worst, index) =>
      (columns[index]?.rank ?? 0) >= (columns[worst]?.rank ?? 0) ? index : worst,
    );
    shown = shown.filter((index) => index !== last);
  }
  const widths = [...natural];
  for (const index of [...shown].sort((a, b) => (columns[b]?.rank ?? 0) - (columns[a]?.rank ?? 0))) {
    const excess = sum(shown, widths) - room;
    if (excess <= 0) break;
    widths[index] = Math.max(least[index] ?? 0, (widths[index] ?? 0) - excess);
  }
  const [only] = shown;
  if (shown.length === 1 && only !== undefined) widths[only] = Math.min(widths[only] ?? 0, Math.max(0, room));
  return { shown, widths };
}

/** The cells that are shown, cut and filled up to their widths; the last one is not filled. */
export function cellsOfLine(
  { shown, widths }: Layout,
  cells: readonly string[],
  mark?: string,
): readonly { readonly index: number; readonly text: string }[] {
  return shown.map((index, place) => {
    const width = widths[index] ?? 0;
    const cell = cells[index] ?? '';
    const text = place === shown.length - 1 ? shorten(cell, width, mark) : fill(cell, width, mark);
    return { index, text };
  });
}

/** One line of a table, never wider than what was laid out. */
export const line = (layout: Layout, cells: readonly string[], mark?: string): string =>
  cellsOfLine(layout, cells, mark)
    .map(({ text }) => text)
    .join(gap)
    .trimEnd();
