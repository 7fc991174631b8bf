/** When a session that dies again and again is brought back. Times in ms on the guardian's clock. */
export interface Pace {
  /** When it was started or resumed. */
  readonly attempts: readonly number[];
  /** Whether the last attempt came to nothing. */
  readonly failed: boolean;
  /** Not earlier, whatever else is so. */
  readonly notBefore: number;
}
export const fresh: Pace = { attempts: [], failed: false, notBefore: 0 };

/** What happened longer ago does not count any more. */
const windowMs = 600_000;
/** Before the nth attempt within that time; a session that lived gets its second one at once. */
const waitsMs = [0, 0, 5_000, 10_000, 20_000, 40_000];
const afterFailureMs = 5_000;

const recent = ({ attempts }: Pace, now: number) => attempts.filter((at) => now - at < windowMs);

/** How often it was tried lately. */
export const triesOf = (pace: Pace, now: number): number => recent(pace, now).length;

/** How long the next attempt has to wait, in ms. Undefined: it was tried too often. */
export function waitFor(pace: Pace, now: number): number | undefined {
  const lately = recent(pace, now);
  const wait = waitsMs[lately.length];
  if (wait === undefined) return undefined;
  const rest = Math.max(wait, pace.failed ? afterFailureMs : 0);
  const due = Math.max((lately.at(-1) ?? -Infinity) + rest, pace.notBefore);
  return Math.max(0, due - now);
}

export const tried = (pace: Pace, now: number): Pace => ({
  ...pace,
  attempts: [...recent(pace, now), now],
  failed: false,
});
