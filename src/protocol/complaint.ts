import { type Failure, type FailureCode, failureTable } from '../../machines/vocabulary.js';
import { skip } from './rows.js';

/** x2goserver's perl and xauth say these with every success too. */
const chatter = /^(?:\s*$|Died at |xauth: +file .* does not exist|Use of uninitialized|WARNING: no CUPS)/;

/** The end of what a command said on stderr, harmless and without secrets. */
export function lastWords(complaint: string): string {
  const lines = complaint.split('\n').filter((line) => !chatter.test(line));
  return skip('', lines.slice(-2).join('; ')).line || '(nothing)';
}

/** Whether it says that there is no room for what it had to write. */
export const isDiskFull = (complaint: string): boolean =>
  /No space left on device|Disk quota exceeded|database or disk is full/i.test(complaint);

/**
 * Whether the session's key for its programs could not be written. x2gostartagent goes on all the same (seen with a full
 * home): either no program may connect to the agent then, or every local user's may.
 */
export const isKeyUnwritten = (complaint: string): boolean =>
  /^xauth: +(?:unable to write|error in locking|timeout in locking|error writing)/m.test(complaint);

export const failed = (
  code: FailureCode,
  message: string,
): { readonly ok: false; readonly failure: Failure } => ({
  ok: false,
  failure: { code, message, retryable: failureTable[code].retryable },
});

/** OpenSSH's words, where PAM wants a new password before anything runs; a key opens the door all the same. */
const expired = /password has expired|password change required/i;

/** The login went well, and nothing of ours began: an expired password, or a shell that runs nothing. */
export function nothingBegan(text: string, complaint: string) {
  const said = lastWords(`${text}\n${complaint}`);
  return expired.test(`${text}\n${complaint}`)
    ? failed(
        'auth.passwordExpired',
        `The password has expired, and the server runs nothing before it is changed: it said: ${said}`,
      )
    : failed('shell.unusable', `the login shell runs no command; it said: ${said}`);
}

export const missing = failed('x2go.missing', 'X2Go is not installed there: its commands were not found');

/** Exit code of a shell that does not find the command. */
export const notFound = 127;
