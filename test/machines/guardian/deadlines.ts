import { expect, test } from 'vitest';
import type { ReportEntry } from '../../../machines/vocabulary.js';
import { aGuardian, closed, force, start, stop } from '../support/aGuardian.js';

const started = (...ids: string[]) => {
  const guardian = aGuardian(ids);
  guardian.send(start);
  guardian.news();
  return guardian;
};

const forced = (id: string) => ({ ...closed(id), outcome: 'forced' }) as const;

test('a profile that hangs is ended by force at the deadline', () => {
  const guardian = started('a', 'b');
  guardian.send(stop);
  guardian.of('a').answer([closed('a')]);
  guardian.pass(3_950);
  expect(guardian.release.calls).toEqual([]);
  guardian.pass(50);
  expect(guardian.release.last.input).toEqual({ how: 'force' });
  guardian.release.last.answer([forced('b')]);
  expect(guardian.output()).toEqual([closed('a'), forced('b')]);
});

test('a sweep that hangs is ended by force after a second', () => {
  const guardian = started('a');
  guardian.send(stop);
  guardian.pass(3_500);
  guardian.of('a').answer([]);
  guardian.pass(950);
  expect(guardian.release.last.input).toEqual({ how: 'close' });
  guardian.pass(50);
  expect(guardian.release.last.input).toEqual({ how: 'force' });
});

const notSuspended = (id: string): ReportEntry => ({
  kind: 'session',
  id,
  outcome: 'failed',
  tookMs: 0,
  failure: 'not known to be suspended',
});

const wantTime = (profile: string, ms: number, ...sessions: readonly string[]) =>
  ({ type: 'deadline.wanted', profile, ms, left: sessions.map(notSuspended) }) as const;

test('a profile that has sessions to see to gets its time; the longest counts, from then on', () => {
  const guardian = started('a', 'b');
  guardian.send(stop);
  guardian.pass(1_000);
  guardian.of('a').tell(wantTime('a', 8_000, 'x'));
  guardian.of('b').tell(wantTime('b', 5_000));
  guardian.pass(7_950);
  expect(guardian.release.calls).toEqual([]);
  guardian.pass(50);
  expect(guardian.release.last.input).toEqual({ how: 'force' });
});

test('what a profile tells of its sessions in the end counts, not what it feared', () => {
  const guardian = started('a', 'b');
  guardian.send(stop);
  guardian.of('a').tell(wantTime('a', 8_000, 'x', 'y'));
  guardian.of('a').answer([closed('a'), { ...closed('x'), kind: 'session' }]);
  guardian.of('b').answer([]);
  guardian.release.last.answer([]);
  expect(guardian.output()).toEqual([closed('a'), { ...closed('x'), kind: 'session' }]);
});

test.each(['is forced', 'crashes'] as const)(
  'the sessions of a profile that %s before they were seen to stand in the report',
  (how) => {
    const guardian = started('a');
    guardian.send(stop);
    guardian.of('a').tell(wantTime('a', 8_000, 'x', 'y'));
    if (how === 'crashes') guardian.of('a').crash();
    else guardian.send(force);
    const left = { ...closed('leftover'), kind: 'transport' } as const;
    guardian.release.last.answer([left]);
    const report = [notSuspended('x'), notSuspended('y'), left];
    expect(guardian.output()).toEqual(report);
    expect(guardian.news().at(-1)).toEqual({ type: 'guardian.terminated', report });
  },
);

test('when even force hangs it ends half a second later', () => {
  const guardian = started('a');
  guardian.send(stop);
  guardian.pass(4_450);
  expect(guardian.status()).toBe('active');
  guardian.pass(50);
  expect(guardian.output()).toEqual([]);
  expect(guardian.told()).toEqual(['guardian.terminating', 'guardian.terminated']);
});
