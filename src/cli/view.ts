import type { Profile, ReportEntry } from '../../machines/vocabulary.js';
import type { Guardian } from '../guardian.js';
import type { GuardianEventRecord } from '../records.js';
import type { Context } from './command.js';
import type { Io } from './io.js';
import { jsonView } from './jsonView.js';
import { linesView } from './linesView.js';
import type { CommonOptions } from './options.js';
import type { Stage } from './questions.js';
import { tableView } from './tableView.js';

/** How a person or a program sees what a guardian does. */
export interface View {
  readonly stage: Stage;
  open(guardian: Guardian, profiles: readonly Profile[]): void;
  show(record: GuardianEventRecord): void;
  close(report: readonly ReportEntry[]): void;
}

/** For programs lines of JSON; on a terminal a live table; else lines of text. Logs and a table do not share a screen. */
export function openView(options: CommonOptions, { io, printer, ending }: Context): View {
  if (options.json) return jsonView(printer);
  return isLiveTerminal(options, io)
    ? tableView(io, printer, ending, options)
    : linesView(printer, ending, options);
}

/** Whether something may be drawn in place. */
export function isLiveTerminal({ logLevel }: CommonOptions, { stdout, stderr, env }: Io): boolean {
  const hasLogs = logLevel !== undefined && logLevel !== 'silent' && stderr.isTTY === true;
  return stdout.isTTY === true && env.TERM !== 'dumb' && !hasLogs;
}
