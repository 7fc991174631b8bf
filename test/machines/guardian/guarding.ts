import { expect, test } from 'vitest';
import type { Fact } from '../../../machines/vocabulary.js';
import { aGuardian, closed, profile, start, stop } from '../support/aGuardian.js';

const add = (id: string) => ({ type: 'profile.add', profile: profile(id) }) as const;
const remove = (id: string) => ({ type: 'profile.remove', profile: id }) as const;

test('nothing happens before the start; then every profile has its actor and is told to connect', () => {
  const guardian = aGuardian();
  expect(guardian.tags()).toEqual(['idle']);
  expect(guardian.profiles.calls).toEqual([]);
  guardian.send(start, start);
  expect(guardian.news()).toEqual([{ type: 'guardian.started', profiles: ['a', 'b'] }]);
  expect(guardian.profiles.calls.map(({ input }) => input.profile.id)).toEqual(['a', 'b']);
  for (const id of ['a', 'b']) expect(guardian.of(id).heard).toEqual([{ type: 'profile.connect' }]);
  expect(guardian.tags()).toEqual(['guarding']);
});

test('told not to connect, it only makes the actors', () => {
  const guardian = aGuardian(['a'], { connect: false });
  guardian.send(start);
  expect(guardian.of('a').heard).toEqual([]);
});

test('fifty profiles tick at fifty offsets, spread over the interval, the same at every start', () => {
  const offsets = () => {
    const guardian = aGuardian(Array.from({ length: 50 }, (_, n) => `p${n}`));
    guardian.send(start);
    return guardian.profiles.calls.map(({ input }) => input.offsetMs);
  };
  const sorted = offsets().toSorted((a, b) => a - b);
  expect(offsets()).toEqual(offsets());
  expect(sorted.every((offset) => offset >= 0 && offset < 5_000)).toBe(true);
  const gaps = sorted.slice(1).map((offset, n) => offset - (sorted[n] ?? 0));
  expect(Math.min(...gaps)).toBeGreaterThan(30);
  expect(Math.max(...gaps)).toBeLessThan(200);
});

test('profiles are added and removed before the start', () => {
  const guardian = aGuardian(['a']);
  guardian.send(add('b'), add('a'), remove('a'), start);
  expect(guardian.profiles.calls.map(({ input }) => input.profile.id)).toEqual(['b']);
});

test('a profile added later is guarded at once, and only once', () => {
  const guardian = aGuardian(['a']);
  guardian.send(start, add('b'), add('b'));
  expect(guardian.profiles.calls).toHaveLength(2);
  expect(guardian.of('b').heard).toEqual([{ type: 'profile.connect' }]);
  expect(guardian.guarded()).toEqual(['a', 'b']);
});

test('a removed profile is told to end, and its report is kept for the end', () => {
  const guardian = aGuardian();
  guardian.send(start, remove('b'), remove('b'));
  expect(guardian.of('b').heard.slice(1)).toEqual([{ type: 'profile.terminate' }]);
  expect(guardian.known()).toEqual(['a']);
  guardian.of('b').answer([closed('b')]);
  expect(guardian.guarded()).toEqual(['a']);
  guardian.send(stop);
  guardian.of('a').answer([closed('a')]);
  guardian.release.last.answer([]);
  expect(guardian.output()).toEqual([closed('b'), closed('a')]);
});

test('a profile removed and added again is guarded anew once the old one has ended', () => {
  const guardian = aGuardian(['a']);
  guardian.send(start, remove('a'), add('a'));
  expect(guardian.profiles.live).toHaveLength(1);
  guardian.of('a').answer([closed('a')]);
  expect(guardian.profiles.calls).toHaveLength(2);
  expect(guardian.of('a').isOver()).toBe(false);
  expect(guardian.of('a').heard).toEqual([{ type: 'profile.connect' }]);
  expect(guardian.guarded()).toEqual(['a']);
});

test('requests reach the profile they are for, and nobody else', () => {
  const guardian = aGuardian();
  guardian.send(start);
  for (const id of ['a', 'nobody']) {
    guardian.send({ type: 'profile.ask', profile: id, request: { type: 'refresh.wanted' } });
  }
  expect(guardian.of('a').heard).toEqual([{ type: 'profile.connect' }, { type: 'refresh.wanted' }]);
  expect(guardian.of('b').heard).toEqual([{ type: 'profile.connect' }]);
});

test('what a profile reports is passed on as it is', () => {
  const guardian = aGuardian(['a']);
  guardian.send(start);
  guardian.news();
  const fact: Fact = { type: 'profile.recovered', profile: 'a', state: 'connected', from: 'degraded' };
  guardian.of('a').tell({ type: 'fact.reported', fact });
  expect(guardian.news()).toEqual([fact]);
});

test('a profile whose chart crashed has failed: it is told, what it left is released, the others go on', () => {
  const guardian = aGuardian();
  guardian.send(start);
  guardian.news();
  guardian.of('a').crash();
  expect(guardian.news()).toMatchObject([
    { type: 'profile.failed', profile: 'a', state: 'failed', failure: { code: 'unexpected' } },
  ]);
  expect(guardian.release.calls.map(({ input }) => input)).toEqual([{ profile: 'a', how: 'close' }]);
  expect(guardian.guarded()).toEqual(['b']);
  expect(guardian.status()).toBe('active');
  guardian.release.last.answer([closed('a')]);
  guardian.send(remove('a'), add('a'));
  expect(guardian.guarded()).toEqual(['b', 'a']);
  guardian.send(stop);
  guardian.of('b').answer([closed('b')]);
  guardian.of('a').answer([]);
  guardian.release.last.answer([]);
  expect(guardian.output()).toEqual([closed('a'), closed('b')]);
});

test('the outcome of a call is passed on as it is, until the end', () => {
  const guardian = aGuardian(['a']);
  guardian.send(start);
  guardian.news();
  const settled = { type: 'operation.settled', operation: 'start-1', outcome: { ok: true, value: 'x' } };
  guardian.of('a').tell(settled);
  expect(guardian.news()).toEqual([settled]);
  guardian.send(stop);
  guardian.news();
  guardian.of('a').tell(settled);
  expect(guardian.news()).toEqual([settled]);
});
