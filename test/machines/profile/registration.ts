import { expect, test } from 'vitest';
import { aProfile, everything } from '../support/aProfile.js';
import { FakePort } from '../support/fakePort.js';
import { failure, introduction, listed, row, sid, unlisted } from '../support/rows.js';

const refreshed = (office: ReturnType<typeof aProfile>, ...answer: Parameters<typeof listed>) => {
  office.news();
  office.send({ type: 'refresh.wanted' });
  office.survey.last.answer(listed(...answer));
  return office.changes();
};

test('what the first listing shows was found; what comes later is somebody else, after a reconnect too', () => {
  const office = aProfile().connect([row(1)]);
  expect(office.changes()).toContain('session.registered virgin>running found');
  expect(refreshed(office, [row(1), row(2)])).toEqual(['session.registered virgin>running other']);
  office.lose();
  office.release.last.answer([]);
  office.pass(1_000);
  office.transport.last.tell({ type: 'ssh.ready' });
  office.news();
  office.survey.last.answer(introduction([row(1), row(2), row(3)]));
  expect(office.changes()).toEqual([
    'profile.connected connecting>connected',
    'session.registered virgin>running other',
  ]);
});

test('a first listing that fails is no first listing', () => {
  const office = aProfile();
  office.send({ type: 'profile.connect' });
  office.transport.last.tell({ type: 'ssh.ready' });
  office.survey.last.answer({ ...introduction(), ...unlisted(failure('command.timedOut', true)) });
  expect(refreshed(office, [row(1)])).toEqual(['session.registered virgin>running found']);
});

test('while registration is paused nothing new is registered and what is known goes on', () => {
  const office = aProfile().watching([row(1)]);
  office.send({ type: 'registration.pause' });
  expect(refreshed(office, [row(1, { status: 'S' }), row(2)])).toEqual([
    'session.suspended running>suspended other',
  ]);
  office.send({ type: 'registration.resume' });
  office.survey.last.answer(listed([row(1, { status: 'S' }), row(2)]));
  expect(office.changes()).toEqual(['session.registered virgin>running other']);
  expect(office.sessions()).toEqual([sid(1), sid(2)]);
});

test('published applications are passed over when told so, and not otherwise', () => {
  const rows = [row(1, { kind: 'published' }), row(2)];
  const skipping = aProfile({ flags: { ...everything, skipPublishedSessions: true } }).connect(rows);
  expect(skipping.sessions()).toEqual([sid(2)]);
  expect(skipping.context().sessions?.value).toHaveLength(2);
  expect(aProfile().connect(rows).sessions()).toEqual([sid(1), sid(2)]);
});

test('only the register flag registers', () => {
  for (const flags of [{ autoUpdateListSessionsCache: true }, { autoUpdateSessionRegistry: true }]) {
    const office = aProfile({ flags }).connect([row(1)]);
    expect(office.changes()).toHaveLength(2);
    expect(office.sessions()).toEqual([]);
    expect(office.context().sessions?.value).toHaveLength(1);
  }
});

test('an ended session that is still listed is not registered again; once unlisted, its name is free', () => {
  const office = aProfile().connect([row(1)]);
  const dead = { alive: [], gone: [1_001] };
  expect(refreshed(office, [row(1)], dead)).toEqual(['session.terminated running>terminated other']);
  expect(office.sessions()).toEqual([]);
  expect(refreshed(office, [row(1)], dead)).toEqual([]);
  expect(refreshed(office, [])).toEqual([]);
  expect(refreshed(office, [row(1)])).toEqual(['session.registered virgin>running other']);
});

test('rounds of suspend, resume, terminate and start again: each told once, none lost', () => {
  const office = aProfile().connect([]);
  for (let n = 1; n <= 20; n += 1) {
    const at = (second: number) => `2026-01-02T03:${String(n).padStart(2, '0')}:0${second}`;
    expect(refreshed(office, [row(n, { changedAt: at(0) })])).toEqual([
      'session.registered virgin>running other',
    ]);
    const asleep = [row(n, { status: 'S', changedAt: at(1) })];
    expect(refreshed(office, asleep)).toEqual(['session.suspended running>suspended other']);
    const awake = [row(n, { changedAt: at(2) })];
    expect(refreshed(office, awake)).toEqual(['session.resumed suspended>running other']);
    expect(refreshed(office, awake)).toEqual([]);
    expect(refreshed(office, [], { gone: [1_000 + n] })).toEqual([
      'session.terminated running>terminated other',
    ]);
  }
  expect(office.sessions()).toEqual([]);
});

test('a session whose chart crashed is dropped and the others go on', () => {
  const session = new FakePort();
  const office = aProfile({ session }).connect([row(1), row(2)]);
  session.calls[0]?.crash();
  expect(office.sessions()).toEqual([sid(2)]);
  expect(office.state()).toBe('connected');
  refreshed(office, [row(1), row(2)]);
  expect(session.calls).toHaveLength(2);
  expect(session.calls[1]?.heard.at(-1)).toMatchObject({ type: 'server.running' });
});
