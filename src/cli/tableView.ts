import { stripVTControlCharacters } from 'node:util';
import type { FactType } from '../../machines/vocabulary.js';
import { Board } from './board.js';
import { boardText } from './boardText.js';
import { timeText } from './clock.js';
import type { Ending } from './ending.js';
import type { Io } from './io.js';
import { isRoutine } from './news.js';
import type { CommonOptions } from './options.js';
import type { Printer } from './printer.js';
import { reportText } from './reportText.js';
import { Screen } from './screen.js';
import { styleFor } from './style.js';
import type { WatchView } from './view.js';
import { newsText } from './words.js';

/** Changes that come together are drawn together. */
const drawPause = 200;
/** For ages and countdowns. */
const slowPace = 1_000;
const newsKept = 20;
/** What stands in the table anyway is no news. */
const shown: ReadonlySet<FactType> = new Set(['cache.refreshed', 'profile.connecting']);

/** A table on the terminal, drawn in place when something changed, and once a second for its ages. */
export function tableView(io: Io, printer: Printer, ending: Ending, { quiet }: CommonOptions): WatchView {
  const { stdout, events } = io;
  const style = styleFor(stdout, io.env);
  const screen = new Screen(stdout);
  const board = new Board();
  const news: string[] = [];
  let pauses = 0;
  let isClosed = false;
  let soon: NodeJS.Timeout | undefined;
  let slow: NodeJS.Timeout | undefined;

  const draw = () => {
    if (pauses > 0 || isClosed) return;
    board.tidy();
    const size = { columns: stdout.columns || 80, rows: stdout.rows || 24 };
    const frame = boardText(board, news, size, style);
    screen.draw(frame, stripVTControlCharacters(frame));
  };
  const drawSoon = () => {
    soon ??= setTimeout(() => {
      soon = undefined;
      draw();
    }, drawPause);
  };
  const tell = (text: string) => {
    news.push(text);
    if (news.length > newsKept) news.shift();
  };
  const resized = () => {
    screen.reflow();
    draw();
  };
  // The shell wrote something below while we were stopped.
  const continued = () => {
    screen.leave();
    draw();
  };

  return {
    stage: {
      pause: () => {
        if (pauses++ === 0) screen.clear();
      },
      resume: () => {
        if (--pauses === 0) draw();
      },
    },
    open: (guardian, profiles) => {
      board.open(guardian, profiles);
      draw();
      slow = setInterval(draw, slowPace);
      stdout.on('resize', resized);
      events.on('SIGCONT', continued);
    },
    show: (record) => {
      board.take(record);
      if (!quiet && !shown.has(record.event) && !isRoutine(record)) tell(newsText(record));
      drawSoon();
    },
    note: ({ time }, text) => {
      if (!quiet) tell(`${timeText(new Date(time))}  ${text}`);
      drawSoon();
    },
    close: (report) => {
      isClosed = true;
      clearInterval(slow);
      clearTimeout(soon);
      stdout.off('resize', resized);
      events.off('SIGCONT', continued);
      screen.clear();
      if (!quiet) printer.print(reportText(board, report, ending.reason));
    },
  };
}
