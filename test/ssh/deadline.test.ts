import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { withDeadline } from '../../src/ssh/deadline.js';
import { manualClock } from '../support/manualClock.js';

const timed = { name: 'The listing', deadlineMs: 10_000 };

test.each([
  ['done', async (): Promise<string> => 'done', 'done'],
  ['failed', () => Promise.reject(new Error('planted')), 'planted'],
] as const)('what is %s leaves neither its timer nor its ear', async (_, work, wanted) => {
  const { clock, armed } = manualClock();
  const { signal } = new AbortController();
  const outcome = withDeadline<string>(clock, timed, signal, work).catch(({ message }) => message);
  expect([armed(), getEventListeners(signal, 'abort').length]).toEqual([1, 1]);
  expect(await outcome).toBe(wanted);
  expect([armed(), getEventListeners(signal, 'abort').length]).toEqual([0, 0]);
});

test.each([
  ['at its deadline', 'command.timedOut'],
  ['when its caller gives up', 'command.aborted'],
] as const)('work is told to end %s', async (when, code) => {
  const { clock, pass } = manualClock();
  const caller = new AbortController();
  const work = (signal: AbortSignal) =>
    new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason));
    });
  const outcome = withDeadline(clock, timed, caller.signal, work);
  if (when === 'at its deadline') pass(10_000);
  else caller.abort();
  await expect(outcome).rejects.toMatchObject({ code });
});
