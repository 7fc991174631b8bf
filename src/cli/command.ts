import type { Failure } from '../../machines/vocabulary.js';
import type { Ending } from './ending.js';
import type { Io } from './io.js';
import type { Printer } from './printer.js';
import type { ProfileFailure } from './records.js';

/** What every command works with. */
export interface Context {
  readonly io: Io;
  readonly ending: Ending;
  readonly printer: Printer;
}

/** How a command ended. */
export interface Outcome {
  /** What went wrong; empty when nothing did. */
  readonly failures: readonly ProfileFailure[];
  /** Something of ours had to be ended by force, or was left. */
  readonly forced?: boolean;
  /** The failures were told already, among other things. */
  readonly isTold?: boolean;
}

export const done: Outcome = { failures: [] };
export const failed = (failure: Failure): Outcome => ({ failures: [{ failure }] });
