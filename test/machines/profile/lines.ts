import { expect, test } from 'vitest';
import type { Fact } from '../../../machines/vocabulary.js';
import { aProfile } from '../support/aProfile.js';
import { places } from '../support/places.js';
import { row } from '../support/rows.js';

const lostOf = (facts: readonly Fact[]) => facts.find((fact) => fact.type === 'profile.lost');

test('a silent line is degraded, and heals without a new transport', () => {
  const office = aProfile().connect();
  office.news();
  office.transport.last.tell({ type: 'ssh.silent', silentMs: 5_010 });
  expect(office.news()).toEqual([
    { type: 'profile.degraded', profile: 'office', from: 'connected', state: 'degraded', silentMs: 5_010 },
  ]);
  office.pass(9_950);
  office.transport.last.tell({ type: 'ssh.heard' });
  expect(office.told()).toEqual(['profile.recovered degraded>connected']);
  office.pass(10_000);
  expect(office.state()).toBe('connected');
  expect(office.transport.calls).toHaveLength(1);
});

test('a line silent for fifteen seconds is lost', () => {
  const office = places.degraded();
  office.pass(9_950);
  expect(office.state()).toBe('degraded');
  office.pass(50);
  expect(lostOf(office.news())).toMatchObject({
    from: 'degraded',
    state: 'lost',
    failure: { code: 'ssh.silent', retryable: true },
    attempt: 1,
    retryInMs: 1_000,
  });
});

test('what a lost line held is released before the next one is opened', () => {
  const office = aProfile().connect([row(1)]);
  office.news();
  office.lose();
  expect(office.told()).toEqual(['profile.lost connected>lost']);
  expect(office.transport.live).toEqual([]);
  expect(office.release.last.input).toEqual({ profile: 'office', how: 'settle' });
  office.pass(3_000);
  expect(office.state()).toBe('lost');
  office.release.last.answer([]);
  expect(office.state()).toBe('waitingToRetry');
  expect(office.transport.calls).toHaveLength(1);
  office.pass(1_000);
  expect(office.transport.calls).toHaveLength(2);
  expect(office.changes()).toEqual(['profile.connecting waitingToRetry>connecting']);
});

test('a release that hangs or crashes delays the next attempt by its deadline only', () => {
  const hanging = places.lost();
  hanging.pass(3_450);
  expect(hanging.state()).toBe('lost');
  hanging.pass(50);
  expect(hanging.state()).toBe('waitingToRetry');
  const crashing = places.lost();
  crashing.release.last.crash();
  expect(crashing.state()).toBe('waitingToRetry');
});

test('the caches are dropped with the line and the sessions stay registered', () => {
  const office = aProfile().connect([row(1)]);
  expect(office.context().sessions?.value).toHaveLength(1);
  office.lose();
  expect(office.context()).toMatchObject({ sessions: undefined, mounts: undefined, desktops: undefined });
  expect(office.sessions()).toHaveLength(1);
});

test('attempts are spaced by 1, 2, 4, 8, 16, 30, 30 s, each told as it is counted down', () => {
  const office = places.connecting();
  for (const [index, seconds] of [1, 2, 4, 8, 16, 30, 30].entries()) {
    office.news();
    expect(office.transport.last.input.attempt).toBe(index + 1);
    office.lose(0.5);
    expect(lostOf(office.news())).toMatchObject({ attempt: index + 1, retryInMs: seconds * 1_000 });
    office.release.last.answer([]);
    office.pass(seconds * 1_000 - 50);
    expect(office.state()).toBe('waitingToRetry');
    office.pass(50);
    expect(office.news()).toMatchObject([{ type: 'profile.connecting', attempt: index + 2 }]);
  }
});

test.each([
  [0, 800],
  [0.25, 900],
  [0.999_999, 1_200],
])('chance %d spreads the first retry to %d ms', (chance, wait) => {
  const office = places.connecting();
  office.lose(chance);
  expect(lostOf(office.news())).toMatchObject({ retryInMs: wait });
});

test('a line that lived for thirty seconds starts its back-off anew; a short one goes on', () => {
  const flapping = (livedMs: number) => {
    const office = places.connecting();
    for (let n = 0; n < 3; n += 1) {
      office.lose();
      office.release.last.answer([]);
      office.pass(30_000);
    }
    office.connect();
    office.pass(livedMs);
    office.news();
    office.lose();
    return lostOf(office.news());
  };
  expect(flapping(29_950)).toMatchObject({ attempt: 4, retryInMs: 8_000 });
  expect(flapping(30_000)).toMatchObject({ attempt: 0, retryInMs: 1_000 });
});

test('after a line that was stable the waits are 1, 2, 4 s: the first attempt that fails does not wait as long again', () => {
  const office = places.connecting();
  office.connect();
  office.pass(30_000);
  const waits = [1, 2, 3].map(() => {
    office.news();
    office.lose();
    const { retryInMs } = lostOf(office.news()) ?? {};
    office.release.last.answer([]);
    office.pass(retryInMs ?? 0);
    return retryInMs;
  });
  expect(waits).toEqual([1_000, 2_000, 4_000]);
});

test('somebody who connects does not wait out the back-off, not even while the line is being cleared', () => {
  const waiting = places.waitingToRetry();
  waiting.send({ type: 'profile.connect' });
  expect(waiting.state()).toBe('connecting');
  const lost = places.lost();
  lost.send({ type: 'profile.connect' });
  expect(lost.state()).toBe('lost');
  lost.release.last.answer([]);
  lost.pass(50);
  expect(lost.state()).toBe('connecting');
});

test('a wake from sleep probes the line at once, or ends the wait', () => {
  for (const place of ['connected', 'degraded'] as const) {
    const office = places[place]();
    office.metronome.last.tell({ type: 'clock.woke', gapMs: 600_000 });
    expect(office.transport.last.heard).toEqual([{ type: 'ssh.probe' }]);
    expect(office.state()).toBe(place);
  }
  const waiting = places.waitingToRetry();
  waiting.metronome.last.tell({ type: 'clock.woke', gapMs: 600_000 });
  expect(waiting.state()).toBe('connecting');
  expect(waiting.transport.live).toHaveLength(1);
  const lost = places.lost();
  lost.metronome.last.tell({ type: 'clock.woke', gapMs: 600_000 });
  lost.release.last.answer([]);
  lost.pass(50);
  expect(lost.state()).toBe('connecting');
});
