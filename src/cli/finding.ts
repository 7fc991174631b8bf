import type { Failure, ProfileId } from '../../machines/vocabulary.js';
import { clean } from '../protocol/text.js';
import { type CliRecord, record } from './records.js';
import type { Style } from './style.js';

/** One thing that `doctor` looked at. */
export interface Finding {
  /** What was looked at, as a stable word. */
  readonly check: string;
  readonly verdict: 'ok' | 'warning' | 'error';
  /** The server it is about; absent: this machine. */
  readonly profile?: ProfileId;
  readonly message: string;
  /** What to do about it. */
  readonly advice?: string;
  /** Of an error: what it would make another command fail with. */
  readonly failure?: Failure;
}

export const ok = (check: string, message: string): Finding => ({ check, verdict: 'ok', message });
export const note = (check: string, message: string, advice?: string): Finding => ({
  check,
  verdict: 'warning',
  message,
  ...(advice === undefined ? {} : { advice }),
});
export const problem = (check: string, failure: Failure, advice?: string): Finding => ({
  check,
  verdict: 'error',
  message: failure.message,
  failure,
  ...(advice === undefined || advice === '' ? {} : { advice }),
});

const looks = {
  ok: ['ok', 'green'],
  warning: ['note', 'yellow'],
  error: ['problem', 'red'],
} as const;

/** `problem  alice@server:22  the server did not let alice in  -> check the password` */
export function findingText({ verdict, profile, message, advice }: Finding, style: Style): string {
  const [word, colour] = looks[verdict];
  const about = profile === undefined ? '' : `${clean(profile)}: `;
  const todo = advice === undefined ? '' : `  -> ${advice}`;
  return `${style.paint(colour, word.padEnd('problem'.length))}  ${about}${clean(message).replace(/\.$/, '')}${todo}`;
}

export const findingRecord = ({ check, verdict, profile, message, advice }: Finding): CliRecord =>
  record('doctor.finding', {
    ...(profile === undefined ? {} : { profile }),
    check,
    verdict,
    message,
    ...(advice === undefined ? {} : { advice }),
  });
