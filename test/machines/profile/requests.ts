import { expect, test } from 'vitest';
import { aProfile } from '../support/aProfile.js';
import { places } from '../support/places.js';
import { failure, introduction, row, sid, unlisted } from '../support/rows.js';
import { agentPorts, gave, made } from '../support/sessionPorts.js';

const nothing = { flags: {}, watch: false, identify: false } as const;

test('asked for a session it has not seen, a profile lists, and tells it to the session', () => {
  const office = aProfile(nothing).connect();
  office.ask('shown');
  expect(office.survey.last.input).toMatchObject({ sessions: true });
  office.list([made(1, { status: 'S' }), row(2)]);
  expect(office.sessions()).toEqual([sid(1)]);
  expect(office.resumeAgent.last.input.session).toBe(sid(1));
  office.resumeAgent.last.answer(gave(agentPorts));
  office.attachment.last.tell({ type: 'attachment.shown', sound: true, at: 0 });
  expect(office.settled()).toEqual([`shown-1: ${sid(1)}`]);
  expect(office.context().own).toEqual([sid(1)]);
});

test('a session that the server does not list is unknown', () => {
  const office = aProfile(nothing).connect();
  office.ask('terminated');
  office.list([row(2)]);
  expect(office.settled()).toEqual(['terminated-1: session.unknown']);
  expect(office.context().asked).toEqual([]);
});

test('asked for a session that a start of ours is still making, it waits for the name: no session has two actors', () => {
  const office = aProfile(nothing).connect();
  office.start();
  office.ask('terminated');
  office.list([row(1, { ageSeconds: 1 })]);
  expect(office.sessions()).toEqual([]);
  expect(office.settled()).toEqual([]);
  office.startAgent.last.answer(gave(made(1)));
  office.list([made(1)]);
  expect(office.sessions()).toEqual([]);
  expect(office.endAgent.last.input).toMatchObject({ session: sid(1), how: 'terminate' });
});

test('one that a start of ours made, and that is gone by then, is unknown: nobody waits in vain', () => {
  const office = aProfile(nothing).connect();
  office.start();
  office.ask('shown');
  office.startAgent.last.answer(gave(made(1)));
  office.list([made(1, { status: 'F' })]);
  expect(office.settled()).toContain('shown-1: session.unknown');
});

test.each(['failed', 'crashed'] as const)('when that listing %s whoever asked is told why, once', (how) => {
  const office = aProfile(nothing).connect();
  office.ask('shown');
  if (how === 'crashed') office.survey.last.crash();
  else office.survey.last.answer(unlisted(failure('command.timedOut', true)));
  expect(office.settled()).toEqual([how === 'crashed' ? 'shown-1: unexpected' : 'shown-1: command.timedOut']);
});

test('a known session is told at once, with how it is to be shown', () => {
  const office = aProfile().watching([made(1, { status: 'S' })]);
  const presentation = { geometry: 'fullscreen' };
  office.send({ type: 'session.request', operation: 'r', session: sid(1), wanted: 'shown', presentation } as {
    type: string;
  });
  expect(office.resumeAgent.last.input).toMatchObject({ presentation });
});

test('one that is looked for is told how it is to be shown when it was found', () => {
  const office = aProfile(nothing).connect();
  const presentation = { geometry: 'fullscreen' };
  office.send({ type: 'session.request', operation: 'r', session: sid(1), wanted: 'shown', presentation } as {
    type: string;
  });
  office.list([made(1, { status: 'S' })]);
  expect(office.resumeAgent.last.input).toMatchObject({ presentation });
});

test("somebody else's session is followed until what was asked of it is so, although nothing else is listed", () => {
  const office = aProfile(nothing).connect();
  office.ask('suspended');
  office.list([row(1)]);
  office.endAgent.last.answer(gave({ alive: true }));
  expect(office.survey.live).toHaveLength(1);
  office.list([row(1)]);
  office.pass(1_000);
  office.list([row(1, { status: 'S' })]);
  expect(office.settled()).toEqual([`suspended-1: ${sid(1)}`]);
  expect(office.context().own).toEqual([]);
  office.tick();
  expect(office.survey.live).toEqual([]);
});

test.each(['disconnected', 'connecting', 'waitingToRetry'] as const)(
  '%s: a request waits for the line and is answered by the introduction',
  (place) => {
    const office = places[place]();
    office.ask('terminated');
    expect(office.context().asked).toHaveLength(1);
    if (place !== 'connecting') office.send({ type: 'profile.connect' });
    office.transport.last.tell({ type: 'ssh.ready' });
    office.survey.last.answer(introduction([]));
    expect(office.settled()).toEqual(['terminated-1: session.unknown']);
  },
);

test.each(['lost', 'disconnect'] as const)(
  'a request that waits is refused when the line is gone (%s)',
  (how) => {
    const office = places.connecting();
    office.ask('terminated');
    if (how === 'lost') office.lose();
    else office.disconnect();
    expect(office.settled()).toEqual(['terminated-1: ssh.closed']);
  },
);

test('a request that nobody waits for any more is not looked for', () => {
  const office = places.connecting();
  office.ask('terminated');
  office.send({ type: 'operation.abandon', operation: 'terminated-1' } as { type: string });
  expect(office.context().asked).toEqual([]);
  expect(office.settled()).toEqual(['terminated-1: call.aborted']);
});

test('a session that is ours is listed and watched although nothing else is, and not after it was suspended', () => {
  const office = aProfile({ ...nothing, watch: true }).connect();
  expect(office.watch.calls).toEqual([]);
  office.running();
  expect(office.watch.live).toEqual([]);
  office.pass(2_000);
  expect(office.watch.live).toHaveLength(1);
  office.list([made(1)]);
  office.ask('suspended');
  office.attachment.last.answer({ end: { how: 'ended' }, at: 0 });
  office.list([made(1, { status: 'S' })]);
  expect(office.settled().at(-1)).toBe(`suspended-1: ${sid(1)}`);
  while (office.survey.live.length > 0) office.list([made(1, { status: 'S' })]);
  expect(office.context().own).toEqual([]);
  office.tick();
  expect(office.survey.live).toEqual([]);
});
