import type { ReportEntry } from '../../machines/vocabulary.js';
import { clean } from '../protocol/text.js';
import type { GuardianEventRecord } from '../records.js';
import { Board } from './board.js';
import { clockText } from './clock.js';
import type { Ending } from './ending.js';
import { createNews } from './news.js';
import type { CommonOptions } from './options.js';
import type { Printer } from './printer.js';
import { reportText } from './reportText.js';
import type { WatchView } from './view.js';
import { fill, widthOf } from './width.js';
import { wordsOf } from './words.js';

/** `2026-02-14 10:32:07  office  session.suspended  ...`: time, profile, event, words. */
export function eventLine(record: GuardianEventRecord, profileWidth: number): string {
  const profile = 'profile' in record ? clean(record.profile ?? '') : '';
  return [
    clockText(new Date(record.time)),
    fill(profile, profileWidth),
    record.event.padEnd('guardian.terminating'.length),
    wordsOf(record),
  ].join('  ');
}

/** One line of text an event, for a file, a pipe or a simple terminal; and the report at the end. */
export function linesView(printer: Printer, ending: Ending, { quiet }: CommonOptions): WatchView {
  const board = new Board();
  const isNews = createNews();
  let profileWidth = 0;
  return {
    stage: printer.stage,
    open: (guardian, profiles) => {
      board.open(guardian, profiles);
      profileWidth = Math.max(...profiles.map(({ id }) => widthOf(clean(id))));
    },
    show: (record) => {
      board.take(record);
      if (!isNews(record) || (quiet && record.event.startsWith('cache.'))) return;
      printer.print(eventLine(record, profileWidth));
    },
    note: ({ time, event }, text) => {
      printer.print([clockText(new Date(time)), event, text].join('  '));
    },
    close: (report: readonly ReportEntry[]) => {
      if (!quiet) printer.print(reportText(board, report, ending.reason));
    },
  };
}
