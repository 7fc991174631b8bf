import { clean } from '../protocol/text.js';
import { ageText } from './ages.js';
import type { Answer } from './answer.js';
import type { ListingName } from './arguments.js';
import { type Column, layOut, line } from './columns.js';
import type { CliRecord } from './records.js';
import type { Style } from './style.js';

interface Shown extends Column {
  readonly of: (row: CliRecord) => string;
}

const field = (name: string) => (row: CliRecord) => clean(String(row[name] ?? ''));
const column = (title: string, rank: number, of: Shown['of'], least?: number): Shown => ({
  title,
  rank,
  of,
  ...(least === undefined ? {} : { least }),
});

const columns: Readonly<Record<ListingName, readonly Shown[]>> = {
  sessions: [
    column('SESSION', 0, field('session'), 16),
    column('STATE', 1, field('state')),
    column('SINCE', 4, (row) => ageText(Number(row.unchangedSeconds))),
    column('AGE', 2, (row) => ageText(Number(row.ageSeconds))),
    column('KIND', 3, field('kind')),
    column('CLIENT', 5, field('client')),
    column('SERVER', 6, field('server')),
    column('CREATED', 7, (row) => field('createdAt')(row).replace('T', ' ')),
  ],
  desktops: [column('USER', 0, field('user'), 8), column('DISPLAY', 1, (row) => `:${row.display}`)],
  mounts: [
    column('SESSION', 1, field('session'), 16),
    column('FOLDER', 0, field('mountpoint'), 16),
    column('CLIENT', 2, field('client')),
  ],
  features: [column('FEATURE', 0, field('feature'), 16)],
};
const nothing: Readonly<Record<ListingName, string>> = {
  sessions: 'no sessions',
  desktops: 'no desktops to share',
  mounts: 'no folders mounted',
  features: 'no features',
};

/** A listing for people: one table for all targets, named where there are several. `width` is that of the terminal. */
export function listingText(what: ListingName, answers: readonly Answer[], style: Style, width = 0): string {
  const several = answers.length > 1;
  const shown = [...(several ? [column('PROFILE', 1, field('profile'), 8)] : []), ...columns[what]];
  const rows = answers.flatMap((answer) => ('rows' in answer ? answer.rows : []));
  const { mark } = style;
  const table: string[] = [];
  if (rows.length > 0) {
    const cells = rows.map((row) => shown.map(({ of }) => of(row)));
    const layout = layOut(shown, cells, width > 0 ? width : Number.MAX_SAFE_INTEGER);
    const head = line(
      layout,
      shown.map(({ title }) => title),
      mark,
    );
    table.push(style.paint('dim', head), ...cells.map((one) => line(layout, one, mark)));
  }
  const empty = answers.flatMap((answer) =>
    'rows' in answer && answer.rows.length === 0 ? [`${clean(answer.profile)}: ${nothing[what]}`] : [],
  );
  return [...table, ...empty].join('\n');
}
