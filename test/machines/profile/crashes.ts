import { expect, test } from 'vitest';
import { placeNames, places } from '../support/places.js';

test('a transport that crashes is a line that was lost', () => {
  for (const place of ['connecting', 'introducing', 'connected', 'degraded'] as const) {
    const office = places[place]();
    const from = office.state();
    office.news();
    office.transport.last.crash();
    expect(office.changes()).toEqual([`profile.lost ${from}>lost`]);
    expect(office.context().failure?.code).toBe('unexpected');
    office.release.last.answer([]);
    office.pass(1_000);
    expect(office.state()).toBe('connecting');
  }
});

test('a server asked only what it is, by a survey that crashes too, is a line that was lost', () => {
  const office = places.identifying();
  office.survey.last.crash();
  expect(office.state()).toBe('lost');
  expect(office.survey.live).toEqual([]);
});

test.each(placeNames)('%s: without its metronome a profile has failed, and says so', (place) => {
  const office = places[place]();
  const from = office.state();
  office.news();
  office.metronome.last.crash();
  expect(office.changes()).toEqual([`profile.failed ${from}>failed`]);
  expect(office.transport.live).toEqual([]);
  expect(office.release.last.input.how).toBe('settle');
  expect(office.end()).toBe(undefined);
});

test('a release that crashes in a resting state changes nothing', () => {
  for (const place of ['disconnected', 'failed'] as const) {
    const office = places[place === 'failed' ? 'failed' : 'connected']();
    if (place === 'disconnected') office.send({ type: 'profile.disconnect' });
    office.release.last.crash();
    expect(office.state()).toBe(place);
    office.connect();
    expect(office.state()).toBe('connected');
  }
});

test('one metronome beats from birth to the end', () => {
  const office = places.waitingToRetry();
  office.send({ type: 'profile.connect' });
  expect(office.metronome.calls.map(({ input }) => input)).toEqual([
    { profile: 'office', intervalMs: 5_000, offsetMs: 700 },
  ]);
});
