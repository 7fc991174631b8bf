import { type Plan, type Run, simulate } from './simulate.js';

/** Drops whatever steps can be dropped, larger pieces first, while the same rule is broken. */
export async function shrink(
  plan: Plan,
  rule: string,
  run: (plan: Plan) => Promise<Run> = simulate,
): Promise<{ readonly plan: Plan; readonly run: Run }> {
  let best = { plan, run: await run(plan) };
  for (let size = Math.ceil(plan.steps.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let from = 0; from < best.plan.steps.length; ) {
      const { steps } = best.plan;
      const less = { ...best.plan, steps: [...steps.slice(0, from), ...steps.slice(from + size)] };
      const again = await run(less);
      if (again.violation?.rule === rule) best = { plan: less, run: again };
      else from += size;
    }
  }
  return best;
}
