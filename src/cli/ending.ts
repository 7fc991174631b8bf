import type { Failure } from '../../machines/vocabulary.js';
import { toFailure } from '../errors.js';
import { endingSignals, isHaste } from '../signals.js';
import type { ProcessEvents } from './io.js';

/**
 * Why and when the command is to end: the first signal asks, the second forces. An error that nobody caught asks as
 * well, and so does a closed stdout, however often it is noticed.
 */
export class Ending {
  readonly #asked = new AbortController();
  readonly #forced = new AbortController();
  readonly #listeners: (readonly [string, (argument: unknown) => void])[];
  readonly #events: ProcessEvents;
  /** What the guardian is told. */
  reason = 'stop()';
  /** Nobody reads what we print: no reason to call it a failure. */
  isStdoutClosed = false;
  /** What went wrong with the command itself, where something did. */
  failure: Failure | undefined;
  /** Where an unexpected error came from, for whoever mends it. */
  trace: string | undefined;

  constructor(events: ProcessEvents) {
    this.#events = events;
    this.#listeners = [
      ...endingSignals.map((signal) => [signal, () => this.signal(signal)] as const),
      ['uncaughtException', (cause) => this.crash(cause)] as const,
      ['unhandledRejection', (cause) => this.crash(cause)] as const,
    ];
    for (const [name, listener] of this.#listeners) events.on(name, listener);
  }

  /** Aborts when the command is to end. */
  get asked(): AbortSignal {
    return this.#asked.signal;
  }

  /** Aborts when it is to end without waiting any longer. */
  get forced(): AbortSignal {
    return this.#forced.signal;
  }

  /** From outside, or Ctrl-C on a terminal that sends no signal while a question is asked. */
  signal(name: string): void {
    if (!this.#asked.signal.aborted) this.ask(name);
    else if (isHaste(name)) this.#forced.abort();
  }

  ask(reason: string, failure?: Failure): void {
    this.failure ??= failure;
    if (this.#asked.signal.aborted) return;
    this.reason = reason;
    this.#asked.abort();
  }

  crash(cause: unknown): void {
    const { message } = toFailure(cause);
    this.trace ??= cause instanceof Error ? cause.stack : undefined;
    this.ask('an unexpected error', { code: 'unexpected', message, retryable: false });
  }

  /** Resolves when the command is to end. */
  wait(): Promise<void> {
    return until(this.asked);
  }

  /** Gives the signals back to whoever had them. */
  dispose(): void {
    for (const [name, listener] of this.#listeners) this.#events.off(name, listener);
  }
}

export function until(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
