/** What we make of an ssh configuration is what `ssh -G` makes of it. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { longTest } from '../support/describeReal.js';
import { generatedConfig } from './support/configs.js';
import { bothWays } from './support/sshG.js';

async function compare(count: number, seed: number): Promise<{ accepted: number }> {
  let accepted = 0;
  for (const config of fc.sample(generatedConfig, { numRuns: count, seed })) {
    const { theirs, ours } = await bothWays(config);
    if (typeof theirs === 'string') {
      expect(String(ours), `${theirs}\n${JSON.stringify(config, null, 1)}`).toMatch(/^refused/);
      continue;
    }
    accepted += 1;
    expect(ours, JSON.stringify(config, null, 1)).toEqual(theirs);
  }
  return { accepted };
}

test('twenty configurations mean what they mean to ssh', async () => {
  const { accepted } = await compare(20, 1);
  expect(accepted).toBeGreaterThan(15);
});

longTest(
  'five hundred configurations mean what they mean to ssh',
  async () => {
    const { accepted } = await compare(500, Number(process.env.SEED ?? 7));
    expect(accepted).toBeGreaterThan(400);
  },
  120_000,
);
