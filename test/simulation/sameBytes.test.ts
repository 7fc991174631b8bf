/** A seed is a life: the same one, again and again. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { shrink } from './shrink.js';
import { planOf, simulate } from './simulate.js';

const root = new URL('../../', import.meta.url).pathname;

test('npm run simulate prints the same bytes for the same seed, and others for another', () => {
  execFileSync(join(root, 'node_modules/.bin/rolldown'), ['-c', 'test/simulation/rolldown.config.mjs'], {
    cwd: root,
  });
  const simulated = (seed: string) =>
    execFileSync(process.execPath, ['dist/simulation/main.js', '--seed', seed], {
      cwd: root,
      encoding: 'utf8',
    });
  const once = simulated('9');
  expect(once.split('\n').length).toBeGreaterThan(30);
  expect(simulated('9')).toBe(once);
  expect(simulated('10')).not.toBe(once);
});

test('a life that was lived in between changes nothing', async () => {
  const traceOf = async (seed: number) => (await simulate(planOf(seed))).trace().join('\n');
  const first = await traceOf(11);
  await traceOf(12);
  expect(await traceOf(11)).toBe(first);
});

test('a failing life is shrunk to the steps that it takes', async () => {
  const plan = planOf(20, 12);
  const cut = { points: 0, ms: 3_000, at: 0, action: { do: 'cut' } as const };
  const failing = { ...plan, steps: plan.steps.toSpliced(6, 0, cut) };
  const small = await shrink(failing, 'no event is doubled', (each) =>
    simulate(each, {
      // Whoever loses a line hears twice of a session that is none.
      world: ({ world: { guardian, events } }) => {
        guardian.on('profile.lost', ({ profile }) => {
          const registered = { event: 'session.registered', profile, session: 'none', state: 'running' };
          events.push(registered as never, registered as never);
        });
      },
    }),
  );
  expect(small.run.violation?.rule).toBe('no event is doubled');
  expect(small.plan.steps.length).toBeLessThan(3);
  expect(small.run.trace().at(-2)).toContain('BROKEN no event is doubled');
});
