import type { Outcome } from '../machines/ports.js';
import type { OperationSettled } from '../machines/sessionModel.js';
import type { SessionId } from '../machines/vocabulary.js';
import type { CallOptions } from './calls.js';
import type { Clock } from './clock.js';
import { fromFailure, X2GoError } from './errors.js';

interface Pending {
  readonly settle: (outcome: Outcome<SessionId>) => void;
}

/** The calls that wait for what the charts say of them. Each is settled once, whatever happens. */
export class Operations {
  readonly #pending = new Map<string, Pending>();
  /** Operations that were given up, and how what came of them all the same is taken back. */
  readonly #givenUp = new Map<string, (session: SessionId) => void>();
  readonly #clock: Clock;
  readonly #abandon: (operation: string) => void;
  #count = 0;

  /** `abandon` is called when nobody waits for an operation any more. */
  constructor(clock: Clock, abandon: (operation: string) => void) {
    this.#clock = clock;
    this.#abandon = abandon;
  }

  next(verb: string): string {
    this.#count += 1;
    return `${verb}-${this.#count}`;
  }

  /**
   * Sends a request and waits for its outcome. Throws what refused it, call.timedOut or call.aborted; `takeBack` is called
   * when it succeeds in the very moment in which it is given up.
   */
  run(
    operation: string,
    send: () => void,
    { signal, timeout = 60_000 }: CallOptions,
    takeBack: (session: SessionId) => void = () => undefined,
  ): Promise<SessionId> {
    return new Promise((resolve, reject) => {
      const done = () => {
        this.#clock.clearTimeout(timer);
        signal?.removeEventListener('abort', abort);
        this.#pending.delete(operation);
      };
      const give = (error: X2GoError) => {
        done();
        reject(error);
        this.#givenUp.set(operation, takeBack);
        this.#abandon(operation);
      };
      const abort = () =>
        give(new X2GoError('call.aborted', 'The call was aborted', { cause: signal?.reason }));
      const late = () =>
        give(new X2GoError('call.timedOut', `${operation} did not come to an end within ${timeout} ms`));
      const timer = this.#clock.setTimeout(late, timeout);
      this.#pending.set(operation, {
        settle: (outcome) => {
          done();
          if (outcome.ok) resolve(outcome.value);
          else reject(fromFailure(outcome.failure));
        },
      });
      if (signal?.aborted) {
        done();
        reject(new X2GoError('call.aborted', 'The call was aborted', { cause: signal.reason }));
        return;
      }
      signal?.addEventListener('abort', abort, { once: true });
      try {
        send();
      } catch (cause) {
        done();
        reject(cause);
      }
    });
  }

  settle({ operation, outcome }: OperationSettled): void {
    this.#pending.get(operation)?.settle(outcome);
    const takeBack = this.#givenUp.get(operation);
    this.#givenUp.delete(operation);
    if (outcome.ok) takeBack?.(outcome.value);
  }

  /** At the end nobody is left waiting. */
  close(): void {
    const failure = {
      code: 'guardian.terminated',
      message: 'This guardian has been stopped',
      retryable: false,
    } as const;
    for (const { settle } of [...this.#pending.values()]) settle({ ok: false, failure });
    this.#givenUp.clear();
  }
}
