import { expect, test } from 'vitest';
import { aProfile, everything } from '../support/aProfile.js';
import { failure, identity, introduction, row, unlisted } from '../support/rows.js';

const shellUnusable = failure('shell.unusable', false);
const hung = failure('command.timedOut', true);

test('connect opens one transport, asks the server what it is, and tells features and versions', () => {
  const office = aProfile();
  office.send({ type: 'profile.connect' });
  expect(office.news()).toEqual([
    {
      type: 'profile.connecting',
      profile: 'office',
      from: 'disconnected',
      state: 'connecting',
      attempt: 1,
      retryInMs: 0,
    },
  ]);
  expect(office.transport.last.input).toEqual({
    profile: { id: 'office', host: 'x2go.example.org', user: 'alice' },
    attempt: 1,
    degradedAfterMs: 5_000,
  });
  office.transport.last.tell({ type: 'ssh.ready' });
  expect(office.tags()).toEqual(['connecting']);
  expect(office.survey.last.input).toEqual({
    profile: 'office',
    identity: true,
    sessions: true,
    mounts: false,
    shadows: true,
    agents: [],
    deadlineMs: 10_000,
  });
  office.survey.last.answer(introduction([row(1)]));
  expect(office.told()).toEqual([
    'profile.connected connecting>connected',
    'cache.refreshed',
    'session.registered virgin>running found',
  ]);
  expect(office.tags()).toContain('connected');
  expect(office.context().identity).toEqual(identity);
  expect(office.transport.calls).toHaveLength(1);
});

test('a second connect, while connecting and when connected, opens no second transport', () => {
  const office = aProfile();
  office.send({ type: 'profile.connect' });
  office.send({ type: 'profile.connect' });
  office.connect();
  office.send({ type: 'profile.connect' });
  expect(office.transport.calls).toHaveLength(1);
});

test('a server that refuses for good at its introduction is not tried again', () => {
  for (const answer of [
    { ...unlisted(shellUnusable), identity: { ok: false, failure: shellUnusable } },
    { ...introduction(), ...unlisted(failure('x2go.missing', false)) },
  ]) {
    const office = aProfile();
    office.send({ type: 'profile.connect' });
    office.transport.last.tell({ type: 'ssh.ready' });
    office.survey.last.answer(answer);
    expect(office.changes()).toEqual([
      'profile.connecting disconnected>connecting',
      'profile.failed connecting>failed',
    ]);
    office.pass(300_000);
    expect(office.transport.calls).toHaveLength(1);
    expect(office.transport.live).toEqual([]);
  }
});

test('when the listing would not come the server is asked only what it is, then listed at once', () => {
  const office = aProfile();
  office.send({ type: 'profile.connect' });
  office.transport.last.tell({ type: 'ssh.ready' });
  office.survey.last.answer({ ...unlisted(hung), identity: { ok: false, failure: hung } });
  expect(office.survey.last.input).toMatchObject({
    identity: true,
    sessions: false,
    mounts: false,
    agents: [],
  });
  const { listing: _, ...only } = introduction();
  office.survey.last.answer(only);
  expect(office.changes()).toEqual([
    'profile.connecting disconnected>connecting',
    'profile.connected connecting>connected',
  ]);
  expect(office.survey.last.input).toMatchObject({ identity: false, sessions: true });
  expect(office.tags()).toContain('refreshing');
});

test('a listing that fails at the introduction is told, and the profile is connected nevertheless', () => {
  const office = aProfile();
  office.send({ type: 'profile.connect' });
  office.transport.last.tell({ type: 'ssh.ready' });
  office.survey.last.answer({ ...introduction(), ...unlisted(hung) });
  expect(office.news().map(({ type }) => type)).toEqual([
    'profile.connecting',
    'profile.connected',
    'cache.failed',
  ]);
});

test('a server that does not even say what it is counts as lost, or failed when it refuses for good', () => {
  for (const [problem, end] of [
    [hung, 'lost'],
    [shellUnusable, 'failed'],
  ] as const) {
    const office = aProfile();
    office.send({ type: 'profile.connect' });
    office.transport.last.tell({ type: 'ssh.ready' });
    office.survey.last.crash();
    office.survey.last.answer({ at: 0, tookMs: 0, identity: { ok: false, failure: problem } });
    expect(office.state()).toBe(end);
    expect(office.context().failure).toEqual(problem);
  }
});

test('without questions to ask it is connected as soon as the line is ready', () => {
  const office = aProfile({ flags: {}, identify: false });
  office.send({ type: 'profile.connect' });
  office.transport.last.tell({ type: 'ssh.ready' });
  expect(office.changes()).toEqual([
    'profile.connecting disconnected>connecting',
    'profile.connected connecting>connected',
  ]);
  expect(office.survey.calls).toEqual([]);
  expect(office.watch.calls).toEqual([]);
  expect(office.desktops.calls).toEqual([]);
  office.tick();
  office.send({ type: 'refresh.wanted' });
  expect(office.survey.calls).toEqual([]);
});

test('a server that is not asked what it is must only list', () => {
  const office = aProfile({ flags: everything, identify: false });
  office.send({ type: 'profile.connect' });
  office.transport.last.tell({ type: 'ssh.ready' });
  expect(office.survey.last.input).toMatchObject({ identity: false, sessions: true });
  office.survey.last.answer(unlisted(hung));
  expect(office.state()).toBe('connected');
});

test('refused for good, it stays failed whatever happens until somebody connects again', () => {
  const office = aProfile();
  office.send({ type: 'profile.connect' });
  office.lose(0.5, false);
  office.news();
  for (const type of ['clock.woke', 'clock.ticked', 'refresh.wanted', 'ssh.heard', 'ssh.lost', 'ssh.ready']) {
    office.child.send({ type, at: 0, gapMs: 60_000, failure: hung, chance: 0 });
  }
  office.pass(300_000);
  expect(office.state()).toBe('failed');
  expect(office.told()).toEqual([]);
  office.connect();
  expect(office.changes()).toEqual([
    'profile.connecting failed>connecting',
    'profile.connected connecting>connected',
  ]);
  expect(office.transport.last.input.attempt).toBe(1);
});
