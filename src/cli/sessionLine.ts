import type { SessionTag } from '../../machines/vocabulary.js';
import { clean } from '../protocol/text.js';
import { ageText } from './ages.js';
import type { ProfileRow, SessionRow } from './board.js';
import { type Column, cellsOfLine, gap, type Layout, line } from './columns.js';
import type { Colour, Style } from './style.js';
import { shorten, widthOf } from './width.js';

export const sessionColumns: readonly Column[] = [
  { title: 'SESSION', rank: 0, least: 14 },
  { title: 'STATE', rank: 1, least: 9 },
  { title: 'AGE', rank: 2 },
  { title: 'BY', rank: 3 },
  { title: 'LAST EVENT', rank: 4 },
];
/** As wide as they get, so that nothing jumps when a word changes. */
export const widestCells = ['', '(terminating)', '99d23h', 'found', 'agent gone 59m ago'];
export const indent = '  ';
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

/** A session with its cells, and whether nobody sees it now: then it is shown as it was. */
export interface SessionCells {
  readonly session: SessionRow;
  readonly isStale: boolean;
  readonly cells: readonly string[];
}

/** Nobody sees what runs behind a line that is gone. */
export const isDown = ({ state }: ProfileRow) => state !== 'connected' && state !== 'degraded';

/** The sessions of a profile; those that ended go last. */
export function sessionsOf(row: ProfileRow, now: number): readonly SessionCells[] {
  const hasEnded = ({ state }: SessionRow) => state === 'terminated';
  const all = [...row.sessions.values()];
  return [...all.filter((one) => !hasEnded(one)), ...all.filter(hasEnded)].map((session) => {
    const isStale = isDown(row) && !hasEnded(session);
    return { session, isStale, cells: cellsOf(session, isStale, now) };
  });
}

function cellsOf(session: SessionRow, isStale: boolean, now: number): readonly string[] {
  const { state, ageSeconds, agedAt, by, verb, at } = session;
  const ago = ageText((now - at) / 1_000);
  return [
    clean(session.session),
    isStale ? `(${state})` : state,
    state === 'terminated' ? '' : ageText(ageSeconds + (now - agedAt) / 1_000),
    by ?? '',
    `${verb} ${ago === '0s' ? 'now' : `${ago} ago`}`,
  ];
}

/** At most `width` columns. */
export function sessionLine(one: SessionCells, layout: Layout, width: number, style: Style): string {
  const plain = indent + line(layout, one.cells, style.mark);
  if (widthOf(plain) > width) return shorten(plain, width, style.mark);
  const isDim = one.isStale || one.session.state === 'terminated';
  const painted = cellsOfLine(layout, one.cells, style.mark).map(({ index, text }) =>
    index === stateColumn && !isDim ? style.paint(colours[one.session.state], text) : text,
  );
  const text = (indent + painted.join(gap)).trimEnd();
  return isDim ? style.paint('dim', text) : text;
}
