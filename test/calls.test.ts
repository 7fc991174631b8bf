import { expect, test, vi } from 'vitest';
import { settled } from '../src/calls.js';
import { manualClock } from './support/manualClock.js';

const never = () => false;

test.each(['done', 'refused', 'timed out', 'aborted'] as const)(
  'a call that is %s leaves neither its timer nor its ears',
  async (how) => {
    const { clock, pass, armed } = manualClock();
    const stop = new AbortController();
    const unlisten = vi.spyOn(stop.signal, 'removeEventListener');
    let look = never;
    let lookAgain: () => void = () => undefined;
    const ears = new Set<() => void>();
    const changed = (again: () => void) => {
      lookAgain = again;
      ears.add(again);
      return () => void ears.delete(again);
    };
    const call = settled(
      clock,
      () => look(),
      changed,
      () => 'nothing happened',
      {
        signal: stop.signal,
        timeout: 1_000,
      },
    ).then(
      () => 'done',
      ({ code }) => code,
    );
    expect([armed(), ears.size]).toEqual([1, 1]);
    if (how === 'timed out') pass(1_000);
    else if (how === 'aborted') stop.abort();
    else {
      look = () => {
        if (how === 'refused') throw Object.assign(new Error('planted'), { code: 'planted' });
        return true;
      };
      lookAgain();
    }
    const outcomes = {
      done: 'done',
      refused: 'planted',
      'timed out': 'call.timedOut',
      aborted: 'call.aborted',
    };
    expect(await call).toBe(outcomes[how]);
    expect([armed(), ears.size]).toEqual([0, 0]);
    expect(unlisten).toHaveBeenCalledWith('abort', expect.any(Function));
  },
);

test('a call that is aborted before it begins is not looked at', async () => {
  const { clock, armed } = manualClock();
  const look = vi.fn(never);
  const call = settled(
    clock,
    look,
    () => () => undefined,
    () => '',
    { signal: AbortSignal.abort('enough') },
  );
  await expect(call).rejects.toMatchObject({ code: 'call.aborted', cause: 'enough' });
  expect(look).not.toHaveBeenCalled();
  expect(armed()).toBe(0);
});
