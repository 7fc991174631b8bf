/**
 * The one way a host key check reaches ssh2. ssh2 takes every answer but a strict `false` for a yes: null, 0, an
 * Error, a promise of false; and `undefined` leaves the handshake open. Here only `true` is a yes.
 * Use it as `hostVerifier: strictVerifier(check)`, never together with `hostHash`.
 */
export function strictVerifier(check: (key: Buffer) => unknown): (key: Buffer) => boolean {
  return (key) => {
    if (!Buffer.isBuffer(key)) return false;
    try {
      const answer = check(key);
      if (answer === true) return true;
      // A promise is no answer. If it rejects later, that is nobody's unhandled rejection.
      if (isThenable(answer)) Promise.resolve(answer).catch(() => undefined);
      return false;
    } catch {
      return false;
    }
  };
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value;
}
