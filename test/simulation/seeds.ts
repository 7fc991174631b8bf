import { expect } from 'vitest';
import { shrink } from './shrink.js';
import { planOf, simulate } from './simulate.js';

/** Lives these seeds through. The first that breaks a rule is shrunk and printed, with how to see it again. */
export async function liveThrough(from: number, to: number): Promise<void> {
  let slowest = 0;
  for (let seed = from; seed <= to; seed += 1) {
    const plan = planOf(seed);
    const { violation, stopMs } = await simulate(plan);
    slowest = Math.max(slowest, stopMs);
    if (violation === undefined) continue;
    const small = await shrink(plan, violation.rule);
    const how = `npm run simulate -- --seed ${seed}`;
    expect.fail(
      [
        `seed ${seed}: ${violation.message}`,
        `${how}; shrunk to ${small.plan.steps.length} of ${plan.steps.length} steps:`,
        JSON.stringify(small.plan),
        ...small.run.trace(),
      ].join('\n'),
    );
  }
  console.log(
    `${to - from + 1} simulated lives, 0 leaks; the slowest stop took ${Math.round(slowest)} simulated ms`,
  );
}

/** 1,000 seeds in all; with LONG=1 10,000. */
export const half = process.env.LONG ? 5_000 : 500;
/** Beside other tests on a slow machine. */
export const bound = process.env.LONG ? 3_600_000 : 300_000;
