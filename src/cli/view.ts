import type { Profile, ReportEntry } from '../../machines/vocabulary.js';
import type { Guardian } from '../guardian.js';
import type { GuardianEventRecord } from '../records.js';
import type { Context } from './command.js';
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
  const { stdout, stderr, env } = io;
  const isPlain = stdout.isTTY !== true || env.TERM === 'dumb';
  const hasLogs = options.logLevel !== undefined && options.logLevel !== 'silent' && stderr.isTTY === true;
  return isPlain || hasLogs ? linesView(printer, ending, options) : tableView(io, printer, ending, options);
}
