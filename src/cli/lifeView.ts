import { stripVTControlCharacters } from 'node:util';
import type { SessionPhase } from '../../machines/vocabulary.js';
import { clean } from '../protocol/text.js';
import type { GuardianEventRecord } from '../records.js';
import type { Context } from './command.js';
import { eventLine } from './linesView.js';
import { isRoutine } from './news.js';
import type { CommonOptions } from './options.js';
import { closingText } from './reportText.js';
import { Screen } from './screen.js';
import { styleFor } from './style.js';
import { isLiveTerminal, type View } from './view.js';
import { shorten, widthOf } from './width.js';
import { newsText } from './words.js';

/** What is being done once a phase is over. */
const next: Readonly<Record<SessionPhase, string>> = {
  agent: 'opening the tunnel',
  tunnel: 'launching the viewer',
  proxy: 'waiting for the picture',
  picture: 'running the command',
  command: 'done',
};
const barWidth = 20;

/** One session on its way to the screen and while it is there: `doing` tells what it is brought there by. */
export function lifeView(doing: string, options: CommonOptions, context: Context): View {
  const { io, printer, ending } = context;
  const { quiet } = options;
  const style = styleFor(io.stdout, io.env);
  const isLive = isLiveTerminal(options, io);
  const screen = isLive ? new Screen(printer.stdout) : undefined;
  let status = '';
  let profileWidth = 0;
  let wasUp = false;
  let pauses = 0;

  const draw = () => {
    if (screen === undefined || pauses > 0 || quiet) return;
    if (status === '') return screen.clear();
    const line = shorten(status, Math.max(1, (io.stdout.columns || 80) - 1), style.mark);
    screen.draw(style.paint('cyan', line), stripVTControlCharacters(line));
  };
  const tell = (text: string) => {
    if (quiet) return;
    screen?.clear();
    printer.print(text);
    draw();
  };
  const resized = () => {
    screen?.reflow();
    draw();
  };
  const progress = (percent: number, text: string) => {
    const done = Math.round((percent * barWidth) / 100);
    status = `${'#'.repeat(done).padEnd(barWidth, '.')} ${String(percent).padStart(3)} %  ${text}`;
    draw();
  };

  const follow = (record: GuardianEventRecord) => {
    switch (record.event) {
      case 'profile.connecting':
        if (!wasUp) progress(0, `connecting to ${clean(record.profile)}`);
        return;
      case 'profile.connected':
        if (!wasUp) progress(0, doing);
        return;
      case 'session.progress':
        return progress(record.percent, next[record.phase]);
      case 'session.started':
      case 'session.resumed':
      case 'session.failed':
      case 'guardian.terminating':
        status = '';
        return;
      default:
        return;
    }
  };

  return {
    stage: {
      pause: () => {
        if (pauses++ === 0) screen?.clear();
        printer.stage.pause();
      },
      resume: () => {
        pauses--;
        printer.stage.resume();
        draw();
      },
    },
    open: (_guardian, profiles) => {
      profileWidth = Math.max(...profiles.map(({ id }) => widthOf(clean(id))));
      io.stdout.on('resize', resized);
    },
    show: (record) => {
      follow(record);
      if (isTold(record, wasUp)) tell(isLive ? newsText(record) : eventLine(record, profileWidth));
      if (record.event === 'profile.connected') wasUp = true;
    },
    close: (report) => {
      status = '';
      io.stdout.off('resize', resized);
      screen?.clear();
      tell(`Ended: ${ending.reason}. ${closingText(report)}`);
    },
  };
}

/** Not what is on the usual way, nor what the guardian does for itself. */
function isTold(record: GuardianEventRecord, wasUp: boolean): boolean {
  if (/^(guardian|cache)\./.test(record.event) || isRoutine(record)) return false;
  if (record.event === 'profile.connecting' || record.event === 'session.registered') return false;
  if (record.event === 'profile.disconnected') return false;
  // A line that cannot be had at all is told of as the failure of the command.
  return wasUp || (record.event !== 'profile.connected' && record.event !== 'profile.lost');
}
