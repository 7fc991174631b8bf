import { expect, test } from 'vitest';
import { aGuardian, closed, force, start, stop } from '../support/aGuardian.js';

const started = (...ids: string[]) => {
  const guardian = aGuardian(ids);
  guardian.send(start);
  guardian.news();
  return guardian;
};

const forced = (id: string) => ({ ...closed(id), outcome: 'forced' }) as const;

test('stop reaches all profiles at once, then what is left is swept, then the joined report is told', () => {
  const guardian = started('a', 'b', 'c');
  guardian.send(stop);
  expect(guardian.news()).toEqual([{ type: 'guardian.terminating', reason: 'SIGTERM' }]);
  for (const id of ['a', 'b', 'c'])
    expect(guardian.of(id).heard.at(-1)).toEqual({ type: 'profile.terminate' });
  guardian.of('c').answer([closed('c')]);
  guardian.of('a').answer([closed('a')]);
  expect(guardian.release.calls).toEqual([]);
  guardian.of('b').answer([closed('b')]);
  expect(guardian.release.last.input).toEqual({ how: 'close' });
  expect(guardian.status()).toBe('active');
  const left = { ...closed('leftover'), kind: 'transport' } as const;
  guardian.release.last.answer([left]);
  const report = [closed('c'), closed('a'), closed('b'), left];
  expect(guardian.news()).toEqual([{ type: 'guardian.terminated', report }]);
  expect(guardian.output()).toEqual(report);
  expect(guardian.status()).toBe('done');
});

test('every stop but the first one changes nothing', () => {
  const guardian = started('a');
  guardian.send(stop, { ...stop, reason: 'SIGINT' });
  guardian.of('a').answer([]);
  guardian.send(stop);
  expect(guardian.told()).toEqual(['guardian.terminating']);
  expect(guardian.of('a').heard.filter(({ type }) => type === 'profile.terminate')).toHaveLength(1);
  guardian.send(force, stop);
  expect(guardian.release.calls.map(({ input }) => input.how)).toEqual(['close', 'force']);
});

test('stopped before it was started it ends as well, with an empty report', () => {
  const guardian = aGuardian();
  guardian.send(stop);
  expect(guardian.profiles.calls).toEqual([]);
  guardian.release.last.answer([]);
  expect(guardian.told()).toEqual(['guardian.terminating', 'guardian.terminated']);
  expect(guardian.output()).toEqual([]);
});

test('a second signal forces at once, from either step of the way out', () => {
  const closing = started('a');
  closing.send(stop, force, force);
  expect(closing.release.calls.map(({ input }) => input)).toEqual([{ how: 'force' }]);
  const sweeping = started('a');
  sweeping.send(stop);
  sweeping.of('a').answer([]);
  sweeping.send(force);
  expect(sweeping.release.live.map(({ input }) => input)).toEqual([{ how: 'force' }]);
});

test('a signal to force means nothing to a guardian that was not told to stop', () => {
  const guardian = started('a');
  guardian.send(force);
  expect(guardian.tags()).toEqual(['guarding']);
});

test('what was closed while it was forced stands in the report once', () => {
  const guardian = started('a');
  guardian.send(stop, force);
  guardian.of('a').answer([forced('a')]);
  guardian.release.last.answer([forced('a')]);
  expect(guardian.output()).toEqual([forced('a')]);
});

test('profiles that crash on the way out do not hold up the end', () => {
  const guardian = started('a', 'b');
  guardian.send(stop);
  guardian.of('a').crash();
  guardian.of('b').answer([closed('b')]);
  guardian.release.last.crash();
  expect(guardian.output()).toEqual([closed('b')]);
});

test('a release by force that crashes ends it too', () => {
  const guardian = started('a');
  guardian.send(stop, force);
  guardian.release.last.crash();
  expect(guardian.status()).toBe('done');
});

test('on the way out nothing is added, removed or asked any more', () => {
  const guardian = started('a');
  guardian.send(stop);
  guardian.send({ type: 'profile.add', profile: { id: 'z', host: 'z', user: 'z' } });
  guardian.send({ type: 'profile.remove', profile: 'a' });
  guardian.send({ type: 'profile.ask', profile: 'a', request: { type: 'profile.connect' } });
  expect(guardian.known()).toEqual(['a']);
  expect(guardian.of('a').heard.map(({ type }) => type)).toEqual(['profile.connect', 'profile.terminate']);
});
