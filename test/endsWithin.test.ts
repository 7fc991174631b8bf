import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { endsWithin } from '../src/endsWithin.js';
import { manualClock } from './support/manualClock.js';

test.each(['it ends', 'it fails', 'it takes too long', 'there is a hurry'] as const)(
  'where %s nothing is waited for any more',
  async (how) => {
    const { clock, pass, armed } = manualClock();
    const hurry = new AbortController();
    let end: () => void = () => undefined;
    const ended = new Promise<void>((resolve, reject) => {
      end = () => (how === 'it fails' ? reject(new Error('planted')) : resolve());
    });
    const over = endsWithin(clock, ended, 500, hurry.signal);
    expect([armed(), getEventListeners(hurry.signal, 'abort').length]).toEqual([1, 1]);
    if (how === 'it takes too long') pass(500);
    else if (how === 'there is a hurry') hurry.abort();
    else end();
    await over;
    expect([armed(), getEventListeners(hurry.signal, 'abort').length]).toEqual([0, 0]);
  },
);

test('in a hurry from the start nothing is waited for', async () => {
  const { clock, armed } = manualClock();
  await endsWithin(clock, new Promise(() => undefined), 500, AbortSignal.abort());
  expect(armed()).toBe(0);
});
