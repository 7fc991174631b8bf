/** npm run simulate -- [--seed N] [--seeds FROM-TO] [--steps K] [--quiet] */
import { parseArgs } from 'node:util';
import { shrink } from './shrink.js';
import { planOf, type Run, simulate } from './simulate.js';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    seeds: { type: 'string' },
    steps: { type: 'string' },
    quiet: { type: 'boolean', default: false },
  },
});
const steps = values.steps === undefined ? undefined : Number(values.steps);

if (values.seeds === undefined) {
  const plan = planOf(Number(values.seed), steps);
  const run = await simulate(plan);
  if (!values.quiet) print(run);
  if (run.violation !== undefined) {
    const small = await shrink(plan, run.violation.rule);
    console.log(
      `\nShrunk to ${small.plan.steps.length} of ${plan.steps.length} steps:\n${JSON.stringify(small.plan)}\n`,
    );
    print(small.run);
    process.exitCode = 1;
  }
} else {
  const [from = 1, to = from] = values.seeds.split('-').map(Number);
  const broken = new Map<string, number[]>();
  const started = performance.now();
  let slowest = 0;
  let life = 0;
  for (let seed = from; seed <= to; seed += 1) {
    const { violation, stopMs, lifeMs } = await simulate(planOf(seed, steps));
    slowest = Math.max(slowest, stopMs);
    life += lifeMs;
    if (violation === undefined) continue;
    const { rule, message } = violation;
    broken.set(rule, [...(broken.get(rule) ?? []), seed]);
    if (!values.quiet) console.log(`seed ${seed}: ${message}`);
  }
  const seconds = ((performance.now() - started) / 1_000).toFixed(1);
  console.log(
    `${to - from + 1} seeds, ${Math.round(life / 60_000)} simulated min in ${seconds} s; slowest stop ${Math.round(slowest)} ms`,
  );
  for (const [rule, seeds] of broken)
    console.log(`${rule}: ${seeds.length}: ${seeds.slice(0, 12).join(' ')}`);
  process.exitCode = broken.size > 0 ? 1 : 0;
}

function print({ trace }: Run): void {
  for (const line of trace()) console.log(line);
}
