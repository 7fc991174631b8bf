import { expect, test } from 'vitest';
import { aProfile } from '../support/aProfile.js';
import { FakePort } from '../support/fakePort.js';
import { places } from '../support/places.js';
import { failure, introduction, listed, row, sid } from '../support/rows.js';
import { gave, made } from '../support/sessionPorts.js';

const nothing = { flags: {}, watch: false, identify: false } as const;

test('a start on a connected profile begins at once; without a name it is not listed', () => {
  const office = aProfile(nothing).connect();
  office.start();
  expect(office.startAgent.last.input).toMatchObject({ profile: 'office', operation: 'start-1' });
  expect(office.context()).toMatchObject({ unnamed: ['start-1'], own: ['start-1'], known: {} });
  office.tick();
  expect(office.survey.calls).toEqual([]);
});

test('with a name it is known by it, listed although nothing else is, and its call settled', () => {
  const office = aProfile(nothing).connect();
  office.news();
  office.running();
  expect(office.settled()).toEqual([`start-1: ${sid(1)}`]);
  expect(office.context()).toMatchObject({ unnamed: [], own: ['start-1'], named: { [sid(1)]: 'start-1' } });
  expect(office.survey.live).toEqual([]);
  office.pass(2_000);
  expect(office.survey.last.input).toMatchObject({ sessions: true, agents: [1_001] });
  office.list([made(1)]);
  expect(office.sessions()).toEqual([]);
  expect(office.changes()).toEqual([
    'session.progress',
    'session.registered virgin>starting me',
    'session.progress',
    'session.started starting>running me',
  ]);
});

test.each(['introducing', 'identifying'] as const)(
  '%s: a start does not wait for the introduction',
  (place) => {
    const office = places[place]();
    office.start();
    expect(office.startAgent.live).toHaveLength(1);
  },
);

test.each(['disconnected', 'connecting', 'waitingToRetry'] as const)(
  '%s: a start waits for the line',
  (place) => {
    const office = places[place]();
    office.start();
    expect(office.startAgent.calls).toEqual([]);
    if (place !== 'connecting') office.send({ type: 'profile.connect' });
    office.transport.last.tell({ type: 'ssh.ready' });
    expect(office.startAgent.live).toHaveLength(1);
  },
);

test('a start that waits for a line that is refused for good fails with the reason; a later one at once', () => {
  const office = places.connecting();
  office.start();
  office.lose(0.5, false);
  office.start('start-2');
  office.ask('shown');
  expect(office.settled()).toEqual([
    'start-1: auth.refused',
    'start-2: auth.refused',
    'shown-1: auth.refused',
  ]);
  expect(office.context()).toMatchObject({ unnamed: [], own: [] });
});

test('a start called off is withdrawn, and nothing of it is kept', () => {
  const office = aProfile().connect();
  office.start();
  office.send({ type: 'operation.abandon', operation: 'start-1' } as { type: string });
  expect(office.settled()).toEqual(['start-1: call.aborted']);
  office.withdraw.last.answer(gave(undefined));
  expect(office.context()).toMatchObject({ unnamed: [], own: [], known: {}, report: [] });
});

test('while a start has no name a new row may be its: it is registered later', () => {
  const office = aProfile().watching([]);
  office.start();
  office.send({ type: 'refresh.wanted' });
  office.list([row(1, { ageSeconds: 2 }), row(2, { ageSeconds: 90 })]);
  expect(office.sessions()).toEqual([sid(2)]);
  office.startAgent.last.answer(gave(made(1)));
  expect(Object.keys(office.context().known).sort()).toEqual([sid(1), sid(2)]);
  office.list([row(1), row(2)]);
  expect(office.sessions()).toEqual([sid(2)]);
});

test('a listing that was on its way when it got its name does not end it', () => {
  const office = aProfile().watching([]);
  office.send({ type: 'refresh.wanted' });
  office.start();
  office.startAgent.last.answer(gave(made(1)));
  office.list([]);
  expect(office.context().own).toEqual(['start-1']);
  expect(office.attachment.last.heard).toEqual([]);
  office.attachment.last.tell({ type: 'attachment.shown', sound: true, at: 0 });
  expect(office.runCommand.live).toHaveLength(1);
});

test('a start that is begun again under another name keeps its actor, and its first name is over', () => {
  const office = aProfile().watching([]);
  office.start();
  office.startAgent.last.answer(gave(made(1)));
  office.news();
  office.lose();
  office.release.last.answer([]);
  office.attachment.last.answer({ end: { how: 'cut' }, at: 0 });
  office.pass(1_000);
  office.transport.last.tell({ type: 'ssh.ready' });
  office.survey.last.answer(introduction([made(1)]));
  office.withdraw.last.answer(gave(undefined));
  expect(office.context()).toMatchObject({ known: {}, named: {}, unnamed: ['start-1'], ended: [sid(1)] });
  office.survey.calls.findLast(() => true)?.answer(listed([], { gone: [1_001] }));
  office.startAgent.last.answer(gave(made(2)));
  expect(office.context()).toMatchObject({ named: { [sid(2)]: 'start-1' }, unnamed: [], own: ['start-1'] });
  expect(office.changes().filter((line) => line.startsWith('session.'))).toEqual([
    'session.terminated starting>terminated me',
    'session.progress',
    'session.registered virgin>starting me',
  ]);
});

test('a session of ours whose chart crashed is none of ours any more', () => {
  const session = new FakePort();
  const office = aProfile({ session }).watching([]);
  office.start();
  const { tell } = session.calls[0] ?? { tell: () => undefined };
  tell({ type: 'session.owned', actor: 'start-1', owned: true });
  tell({ type: 'session.named', actor: 'start-1', record: made(1) });
  expect(office.context().own).toEqual(['start-1']);
  session.calls[0]?.crash();
  expect(office.context()).toMatchObject({ own: [], known: {}, named: {} });
});

test('a start that failed leaves no trace but its fact', () => {
  const office = aProfile().watching([]);
  office.start();
  office.startAgent.last.answer({ at: 0, outcome: { ok: false, failure: failure('session.denied', false) } });
  office.withdraw.last.answer(gave(undefined));
  expect(office.settled()).toEqual(['start-1: session.denied']);
  expect(office.changes()).toEqual(['session.failed starting>terminated me']);
  expect(Object.keys(office.child.getSnapshot().children)).not.toContain('start-1');
});
