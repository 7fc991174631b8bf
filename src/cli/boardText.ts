import type { Board, ProfileRow } from './board.js';
import { layOut, line } from './columns.js';
import { profileLine } from './profileLine.js';
import { indent, isDown, sessionColumns, sessionLine, sessionsOf, widestCells } from './sessionLine.js';
import { share } from './share.js';
import type { Style } from './style.js';
import { shorten, widthOf } from './width.js';

export interface Window {
  readonly columns: number;
  readonly rows: number;
}

/** How many of the last events are shown where there is room. */
const mostNews = 8;

/** The live table: never more lines or columns than the window has. `news` are the last events, newest last. */
export function boardText(board: Board, news: readonly string[], window: Window, style: Style): string {
  const { rows, now } = board;
  const width = Math.max(1, window.columns);
  // The cursor stands on the line below.
  const height = Math.max(1, window.rows - 1);
  const cut = (text: string) => shorten(text, width, style.mark);
  const plan = share(
    rows.map(({ sessions }) => sessions.size),
    height,
  );
  const groups = rows.slice(0, plan.profiles).map((row, index) => ({
    row,
    sessions: sessionsOf(row, now).slice(0, plan.sessions[index]),
  }));
  const cells = groups.flatMap(({ sessions }) => sessions.map((one) => one.cells));
  const layout = layOut(sessionColumns, [widestCells, ...cells], width - indent.length);
  const titles = sessionColumns.map(({ title }) => title);

  const lines = [
    ...(plan.title ? [titleLine(rows, width, style)] : []),
    ...(plan.airy ? [''] : []),
    ...(plan.head ? [style.paint('dim', cut(indent + line(layout, titles, style.mark)))] : []),
  ];
  for (const [index, { row, sessions }] of groups.entries()) {
    if (index > 0 && plan.airy) lines.push('');
    lines.push(profileLine(row, sessions.length, now, width, style));
    for (const one of sessions) lines.push(sessionLine(one, layout, width, style));
  }
  if (plan.profiles < rows.length) lines.push(cut(othersText(rows.slice(plan.profiles))));
  const room = Math.min(news.length, height - lines.length - 1, mostNews);
  if (room > 0) lines.push('', ...news.slice(-room).map((text) => style.paint('dim', cut(text))));
  return lines.slice(0, height).join('\n');
}

function titleLine(rows: readonly ProfileRow[], width: number, style: Style): string {
  const sessions = rows.reduce((sum, row) => sum + row.sessions.size, 0);
  const up = rows.filter((row) => !isDown(row)).length;
  const name = 'x2go-guardian';
  const counts = `  ${up} of ${rows.length} connected, ${sessions} ${sessions === 1 ? 'session' : 'sessions'}`;
  const hint = 'Ctrl-C ends';
  const room = width - widthOf(name + counts) - hint.length;
  if (room >= 2) return style.paint('bold', name) + counts + ' '.repeat(room) + style.paint('dim', hint);
  return shorten(name + counts, width, style.mark);
}

const othersText = (rows: readonly ProfileRow[]): string => {
  const down = rows.filter(isDown).length;
  return `and ${rows.length} more${down > 0 ? `, ${down} of them not connected` : ''}`;
};
