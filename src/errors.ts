import { type Failure, type FailureCode, failureTable } from '../machines/vocabulary.js';

/**
 * The one error type of this package. `code` is stable, `retryable` says whether waiting and trying
 * again can help, `cause` keeps what happened underneath.
 */
export class X2GoError extends Error {
  override readonly name = 'X2GoError';
  readonly code: FailureCode;
  readonly retryable: boolean;

  constructor(code: FailureCode, message: string, options: { cause?: unknown; retryable?: boolean } = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.code = code;
    this.retryable = options.retryable ?? failureTable[code].retryable;
  }
}

/** Anything thrown, as plain data for events and snapshots. What is no X2GoError is `unexpected`. */
export function toFailure(cause: unknown): Failure {
  if (cause instanceof X2GoError)
    return { code: cause.code, message: cause.message, retryable: cause.retryable };
  const message = cause instanceof Error ? cause.message : String(cause);
  return { code: 'unexpected', message, retryable: false };
}

export function fromFailure(failure: Failure): X2GoError {
  return new X2GoError(failure.code, failure.message, { retryable: failure.retryable });
}

/** The command's exit code for a failure. */
export function exitCodeOf(failure: Failure): number {
  return failureTable[failure.code].exit;
}
