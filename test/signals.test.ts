import { expect, test } from 'vitest';
import { createGuardian } from '../src/guardian.js';
import { endingSignals, guardSignals } from '../src/signals.js';

test('whoever no longer guards signals listens to none', () => {
  const counts = () => endingSignals.map((signal) => process.listenerCount(signal));
  const before = counts();
  const off = guardSignals({ stop: async () => undefined, force: () => undefined });
  expect(counts()).toEqual(before.map((count) => count + 1));
  off();
  expect(counts()).toEqual(before);
});

test('the first signal ends, a second one forces; a second SIGHUP is the same end', () => {
  const calls: string[] = [];
  const off = guardSignals({
    stop: async (reason) => void calls.push(`stop ${reason}`),
    force: () => void calls.push('force'),
  });
  const [listener] = process.listeners('SIGHUP').slice(-1);
  listener?.('SIGHUP');
  listener?.('SIGHUP');
  expect(calls).toEqual(['stop SIGHUP']);
  listener?.('SIGTERM');
  off();
  expect(calls).toEqual(['stop SIGHUP', 'force']);
});

test('a guardian guards them from its start to its end, where it is asked to', async () => {
  const counts = () => endingSignals.map((signal) => process.listenerCount(signal));
  const before = counts();
  const guardian = createGuardian({ handleSignals: true, journal: false });
  await guardian.start();
  expect(counts()).toEqual(before.map((count) => count + 1));
  await guardian.stop();
  expect(counts()).toEqual(before);
});
