import { expect, test } from 'vitest';
import type { ReportEntry } from '../../../machines/vocabulary.js';
import { aProfile } from '../support/aProfile.js';
import { placeNames, places } from '../support/places.js';
import { row } from '../support/rows.js';

const report: readonly ReportEntry[] = [{ kind: 'profile', id: 'office', outcome: 'closed', tookMs: 1 }];
const online = placeNames.filter((name) => name !== 'disconnected');

test.each(online)('%s: disconnect ends the line, tells so once and tries nothing more', (place) => {
  const office = places[place]();
  const from = office.state();
  office.news();
  office.send({ type: 'profile.disconnect' });
  office.send({ type: 'profile.disconnect' });
  expect(office.told()).toEqual([`profile.disconnected ${from}>disconnected`]);
  expect(office.transport.live).toEqual([]);
  expect(office.release.last.input).toEqual({ profile: 'office', how: 'settle' });
  office.pass(300_000);
  expect(office.transport.live).toEqual([]);
  expect(office.tags()).toEqual(['disconnected']);
});

test('a connection made after a disconnect is a first attempt', () => {
  const office = places.connecting();
  for (let n = 0; n < 4; n += 1) {
    office.lose();
    office.release.last.answer([]);
    office.pass(30_000);
  }
  office.send({ type: 'profile.disconnect' });
  office.release.last.answer([]);
  office.connect();
  expect(office.transport.last.input.attempt).toBe(1);
});

test('after a disconnect the sessions are still known and told of again when they changed', () => {
  const office = aProfile().connect([row(1)]);
  office.send({ type: 'profile.disconnect' });
  office.release.last.answer([]);
  office.news();
  office.connect([row(1, { status: 'S' })]);
  expect(office.changes()).toEqual([
    'profile.connecting disconnected>connecting',
    'profile.connected connecting>connected',
    'session.suspended running>suspended other',
  ]);
});

test.each(placeNames)('%s: terminate releases once, for good, and ends with the report', (place) => {
  const office = places[place]();
  office.news();
  office.send({ type: 'profile.terminate' });
  office.send({ type: 'profile.terminate' });
  office.tick();
  expect(office.tags()).toEqual(['terminating']);
  for (const port of [office.transport, office.survey, office.watch]) expect(port.live).toEqual([]);
  const closing = office.release.calls.filter(({ input }) => input.how === 'close');
  expect(closing.map(({ input }) => input)).toEqual([{ profile: 'office', how: 'close' }]);
  expect(office.end()).toBe(undefined);
  office.release.last.answer(report);
  expect(office.end()).toEqual({ output: report });
  expect(office.told()).toEqual([]);
  expect(office.metronome.live).toEqual([]);
});

test.each(placeNames)('%s: a release that hangs ends the profile at its deadline', (place) => {
  const office = places[place]();
  office.send({ type: 'profile.terminate' });
  office.pass(3_450);
  expect(office.end()).toBe(undefined);
  office.pass(50);
  expect(office.end()).toEqual({ output: [] });
});

test('on the way out it hears no request any more', () => {
  const office = places.connected();
  office.send({ type: 'profile.terminate' });
  for (const type of ['profile.connect', 'profile.disconnect', 'refresh.wanted', 'clock.woke']) {
    office.send({ type });
  }
  expect(office.transport.live).toEqual([]);
  expect(office.tags()).toEqual(['terminating']);
});

test('a crash on the way out does not turn it back', () => {
  const crashed = places.connected();
  crashed.send({ type: 'profile.terminate' });
  crashed.metronome.last.crash();
  expect(crashed.tags()).toEqual(['terminating']);
  crashed.release.last.crash();
  expect(crashed.end()).toEqual({ output: [] });
});
