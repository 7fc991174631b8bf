import { expect, test } from 'vitest';
import { aSession, running } from '../support/aSession.js';
import { row, sid } from '../support/rows.js';

test.each([
  ['server.starting', 'starting'],
  ['server.running', 'running'],
  ['server.suspending', 'suspending'],
  ['server.suspended', 'suspended'],
  ['server.unlisted', 'terminating'],
] as const)('first seen by %s it is registered as %s, once', (seen, state) => {
  const session = aSession();
  session.show(seen, seen);
  expect(session.told()).toEqual([`session.registered virgin>${state} other`]);
  expect(session.tags()).toEqual([state]);
});

test('the registration carries what the listing showed of it, and nothing else does', () => {
  const session = aSession('found');
  session.show('server.running', 'server.suspended');
  const { session: id, agentPid: _pid, status: _status, user: _user, ...details } = row(1);
  expect(session.news()).toEqual([
    {
      type: 'session.registered',
      profile: 'office',
      session: id,
      state: 'running',
      from: 'virgin',
      by: 'found',
      ...details,
    },
    {
      type: 'session.suspended',
      profile: 'office',
      session: sid(1),
      state: 'suspended',
      from: 'running',
      by: 'other',
    },
  ]);
});

test.each(['found', 'other', 'me'] as const)(
  '%s stands on its registration, then somebody else acts',
  (by) => {
    const session = aSession(by);
    session.show('server.running', 'server.suspended', 'server.running');
    expect(session.told()).toEqual([
      `session.registered virgin>running ${by}`,
      'session.suspended running>suspended other',
      'session.resumed suspended>running other',
    ]);
  },
);

test.each([
  ['server.running', ['session.started starting>running other'], 'running'],
  ['server.suspending', ['session.started starting>suspending other'], 'suspending'],
  [
    'server.suspended',
    ['session.started starting>running other', 'session.suspended running>suspended other'],
    'suspended',
  ],
] as const)('a start that ends in %s is told without a gap', (seen, facts, state) => {
  const session = aSession();
  session.show('server.starting');
  session.news();
  session.show(seen, seen);
  expect(session.told()).toEqual(facts);
  expect(session.tags()).toEqual([state]);
});

test('it is suspended and resumed, each told once however often the server repeats it', () => {
  const session = aSession();
  session.show('server.running');
  session.news();
  for (let round = 0; round < 20; round += 1) {
    session.show('server.suspending', 'server.suspending', 'server.suspended', 'server.suspending');
    session.show('server.suspended', 'server.running', 'server.running');
    expect(session.told()).toEqual([
      'session.suspended suspending>suspended other',
      'session.resumed suspended>running other',
    ]);
  }
});

test('suspended and resumed between two looks are two facts', () => {
  const session = aSession();
  session.show(running('laptop'), 'server.suspending');
  session.news();
  session.show(running('desk'), running('desk'));
  expect(session.told()).toEqual([
    'session.suspended suspending>suspended other',
    'session.resumed suspended>running other',
  ]);
});

test('a running session with another stint was taken over', () => {
  const session = aSession();
  session.show(running('laptop'), running('laptop'), running());
  session.news();
  session.show(running('desk'), running('desk'), running());
  expect(session.told()).toEqual([
    'session.suspended running>suspended other',
    'session.resumed suspended>running other',
  ]);
  expect(session.tags()).toEqual(['running']);
});

test('the first stint after a resume is no takeover', () => {
  const session = aSession();
  session.show(running('laptop'), 'server.suspended', running());
  session.news();
  session.show(running('desk'));
  expect(session.told()).toEqual([]);
  session.show(running('laptop'));
  expect(session.told()).toHaveLength(2);
});
