import type { SessionTag } from '../../machines/vocabulary.js';
import { clean } from '../protocol/text.js';
import { ageText } from './ages.js';
import type { Board, ProfileRow, SessionRow } from './board.js';
import { type Column, cellsOfLine, type Layout, layOut, line } from './columns.js';
import { profileLine } from './profileLine.js';
import { share } from './share.js';
import type { Colour, Style } from './style.js';
import { shorten, widthOf } from './width.js';

export interface Window {
  readonly columns: number;
  readonly rows: number;
}

const columns: readonly Column[] = [
  { title: 'SESSION', rank: 0, least: 14 },
  { title: 'STATE', rank: 1, least: 9 },
  { title: 'AGE', rank: 2 },
  { title: 'BY', rank: 3 },
  { title: 'LAST EVENT', rank: 4 },
];
/** As wide as they get, so that nothing jumps when a word changes. */
const widest = ['', '(terminating)', '99d23h', 'found', 'agent gone 59m ago'];
const indent = '  ';
const stateColumn = 1;

const colours: Readonly<Record<SessionTag, Colour>> = {
  virgin: 'dim',
  starting: 'cyan',
  running: 'green',
  recovering: 'yellow',
  suspending: 'cyan',
  suspended: 'yellow',
  resuming: 'cyan',
  terminating: 'cyan',
  terminated: 'dim',
  faulty: 'red',
};

/** The live table: never more lines or columns than the window has. `news` are the last events, newest last. */
export function boardText(board: Board, news: readonly string[], window: Window, style: Style): string {
  const { rows, now } = board;
  const width = Math.max(1, window.columns);
  // The cursor stands on the line below.
  const height = Math.max(1, window.rows - 1);
  const mark = style.unicode ? '…' : '~';
  const cut = (text: string) => shorten(text, width, mark);
  const plan = share(
    rows.map(({ sessions }) => sessions.size),
    height,
  );
  const groups = rows.slice(0, plan.profiles).map((row, index) => {
    const sessions = inOrder(row).slice(0, plan.sessions[index]);
    return { row, sessions, cells: sessions.map((session) => cellsOf(row, session, now)) };
  });
  const layout = layOut(columns, [widest, ...groups.flatMap(({ cells }) => cells)], width - indent.length);

  const titles = columns.map(({ title }) => title);
  const lines = [
    ...(plan.title ? [titleLine(rows, width, style)] : []),
    ...(plan.airy ? [''] : []),
    ...(plan.head ? [style.paint('dim', cut(indent + line(layout, titles, mark)))] : []),
  ];
  for (const [index, { row, sessions, cells }] of groups.entries()) {
    if (index > 0 && plan.airy) lines.push('');
    lines.push(profileLine(row, sessions.length, now, width, style));
    for (const [place, session] of sessions.entries()) {
      lines.push(sessionLine(layout, cells[place] ?? [], session, row, style, mark, cut));
    }
  }
  if (plan.profiles < rows.length) lines.push(cut(othersText(rows.slice(plan.profiles))));
  const room = Math.min(news.length, height - lines.length - 1, 8);
  if (room > 0) lines.push('', ...news.slice(-room).map((text) => style.paint('dim', cut(text))));
  return lines.slice(0, height).join('\n');
}

/** Those that ended go last. */
const inOrder = ({ sessions }: ProfileRow): readonly SessionRow[] => {
  const hasEnded = ({ state }: SessionRow) => state === 'terminated';
  const all = [...sessions.values()];
  return [...all.filter((one) => !hasEnded(one)), ...all.filter(hasEnded)];
};

/** Nobody sees what runs behind a line that is gone: its sessions are shown as they were. */
const isStale = ({ state }: ProfileRow) => state !== 'connected' && state !== 'degraded';

function cellsOf(row: ProfileRow, session: SessionRow, now: number): readonly string[] {
  const age = session.ageSeconds + (now - session.agedAt) / 1_000;
  return [
    clean(session.session),
    isStale(row) && session.state !== 'terminated' ? `(${session.state})` : session.state,
    session.state === 'terminated' ? '' : ageText(age),
    session.by ?? '',
    `${session.verb} ${agoText((now - session.at) / 1_000)}`,
  ];
}

const agoText = (seconds: number) => (seconds < 1 ? 'now' : `${ageText(seconds)} ago`);

function sessionLine(
  layout: Layout,
  cells: readonly string[],
  session: SessionRow,
  row: ProfileRow,
  style: Style,
  mark: string,
  cut: (text: string) => string,
): string {
  const painted = cellsOfLine(layout, cells, mark).map(({ index, text }) => {
    if (isStale(row) || session.state === 'terminated') return style.paint('dim', text);
    return index === stateColumn ? style.paint(colours[session.state], text) : text;
  });
  const plain = indent + line(layout, cells, mark);
  return widthOf(plain) <= widthOf(cut(plain)) ? (indent + painted.join('  ')).trimEnd() : cut(plain);
}

function titleLine(rows: readonly ProfileRow[], width: number, style: Style): string {
  const sessions = rows.reduce((sum, row) => sum + row.sessions.size, 0);
  const up = rows.filter(({ state }) => state === 'connected' || state === 'degraded').length;
  const name = 'x2go-guardian';
  const counts = `  ${up} of ${rows.length} connected, ${sessions} ${sessions === 1 ? 'session' : 'sessions'}`;
  const hint = 'Ctrl-C ends';
  const gap = width - widthOf(name + counts) - hint.length;
  if (gap < 2)
    return style.paint('bold', shorten(name, width)) + shorten(counts, Math.max(0, width - name.length));
  return style.paint('bold', name) + counts + ' '.repeat(gap) + style.paint('dim', hint);
}

const othersText = (rows: readonly ProfileRow[]): string => {
  const down = rows.filter(isStale).length;
  return `and ${rows.length} more${down > 0 ? `, ${down} of them not connected` : ''}`;
};
