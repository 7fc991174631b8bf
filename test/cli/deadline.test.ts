import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Deadline } from '../../src/cli/deadline.js';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
afterEach(() => void vi.useRealTimers());

test('it stands still while a person is asked, and sets no timer meanwhile', () => {
  const deadline = new Deadline(30_000);
  deadline.start();
  vi.advanceTimersByTime(20_000);
  deadline.stage.pause();
  expect(vi.getTimerCount()).toBe(0);
  vi.advanceTimersByTime(3_600_000);
  deadline.stage.resume();
  vi.advanceTimersByTime(9_999);
  expect(deadline.signal.aborted).toBe(false);
  vi.advanceTimersByTime(1);
  expect(deadline.signal.aborted).toBe(true);
});

test('closed it sets no timer, whatever was asked meanwhile', () => {
  const deadline = new Deadline(30_000);
  deadline.start();
  deadline.close();
  expect(vi.getTimerCount()).toBe(0);
  deadline.stage.pause();
  deadline.stage.resume();
  expect([vi.getTimerCount(), deadline.signal.aborted]).toEqual([0, false]);
});
