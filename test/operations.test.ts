import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { monotonicClock } from '../src/clock.js';
import { Operations } from '../src/operations.js';

const refused = { code: 'session.ended', message: 'planted', retryable: false } as const;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test.each([
  ['done', { ok: true, value: 'alice-50-1795371132_stRxterm_dp24' }],
  ['refused', { ok: false, failure: refused }],
] as const)('a call that is %s leaves neither its timer nor its ear at the signal', async (_, outcome) => {
  const operations = new Operations(monotonicClock, () => undefined);
  const { signal } = new AbortController();
  const [listen, unlisten] = [vi.spyOn(signal, 'addEventListener'), vi.spyOn(signal, 'removeEventListener')];
  const answer = operations.run('start-1', () => undefined, { signal }).catch(({ code }) => code);
  expect(vi.getTimerCount()).toBe(1);
  operations.settle({ type: 'operation.settled', operation: 'start-1', outcome });
  expect(await answer).toBe(outcome.ok ? outcome.value : outcome.failure.code);
  expect(vi.getTimerCount()).toBe(0);
  expect(unlisten.mock.calls.length).toBe(listen.mock.calls.length);
});

test('a call that is given up in time, or could not be sent, leaves nothing either', async () => {
  const abandoned: string[] = [];
  const operations = new Operations(monotonicClock, (operation) => abandoned.push(operation));
  const late = operations.run('start-1', () => undefined, { timeout: 1_000 }).catch(({ code }) => code);
  const unsent = operations.run(
    'start-2',
    () => {
      throw new Error('planted');
    },
    {},
  );
  await expect(unsent).rejects.toThrow('planted');
  vi.advanceTimersByTime(1_000);
  expect(await late).toBe('call.timedOut');
  expect(abandoned).toEqual(['start-1']);
  expect(vi.getTimerCount()).toBe(0);
});
