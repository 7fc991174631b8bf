import type { Profile, ReportEntry } from '../../machines/vocabulary.js';
import type { Guardian } from '../guardian.js';
import type { GuardianEventRecord } from '../records.js';
import type { Context } from './command.js';
import type { Io } from './io.js';
import { jsonView } from './jsonView.js';
import { linesView } from './linesView.js';
import type { CommonOptions } from './options.js';
import type { Stage } from './questions.js';
import type { CliRecord } from './records.js';

/** How a person or a program sees what a guardian does. */
export interface View {
  readonly stage: Stage;
  open(guardian: Guardian, profiles: readonly Profile[]): void;
  show(record: GuardianEventRecord): void;
  close(report: readonly ReportEntry[]): void;
}

/** Of a watch, which may tell what is not of the guardian. */
export interface WatchView extends View {
  note(news: CliRecord, text: string): void;
}

/**
 * For programs lines of JSON; on a terminal a live table; else lines of text. Logs and a table do not share a screen. What
 * draws is loaded where something is drawn.
 */
export async function openView(options: CommonOptions, { io, printer, ending }: Context): Promise<WatchView> {
  if (options.json) return jsonView(printer);
  if (!isLiveTerminal(options, io)) return linesView(printer, ending, options);
  const { tableView } = await import('./tableView.js');
  return tableView(io, printer, ending, options);
}

/** The same for one session: `doing` tells what it is brought to the screen by. */
export async function openLifeView(doing: string, options: CommonOptions, context: Context): Promise<View> {
  if (options.json) return jsonView(context.printer);
  const { lifeView } = await import('./lifeView.js');
  return lifeView(doing, options, context);
}

/** Whether something may be drawn in place. */
export function isLiveTerminal({ logLevel }: CommonOptions, { stdout, stderr, env }: Io): boolean {
  const hasLogs = logLevel !== undefined && logLevel !== 'silent' && stderr.isTTY === true;
  return stdout.isTTY === true && env.TERM !== 'dumb' && !hasLogs;
}
