import { expect, test } from 'vitest';
import { aProfile, type Office } from '../support/aProfile.js';
import { FakePort } from '../support/fakePort.js';
import { places } from '../support/places.js';
import { listed, row, sid } from '../support/rows.js';
import { gave, made } from '../support/sessionPorts.js';

const answered = (office: Office) => {
  while (office.survey.live.length > 0) office.list([made(1)]);
  office.settled();
  office.news();
  return office;
};
const withOurs = (setting: Parameters<typeof aProfile>[0] = {}) =>
  answered(aProfile(setting).connect().running());
const suspendedAt = (office: Office, at: number) => {
  office.attachment.last.answer({ end: { how: 'ended' }, at });
  office.survey.last.answer(listed([made(1, { status: 'S' })], {}, at));
};
const entry = (outcome: string, tookMs: number) =>
  expect.objectContaining({ kind: 'session', id: sid(1), outcome, tookMs });
const finish = (office: Office) => {
  office.release.last.answer([]);
  return (office.end() as { output: unknown } | undefined)?.output;
};

test('exit policy suspend: viewers end, the server says suspended, then the profile lets go of its line', () => {
  const office = withOurs();
  office.terminate(1_000);
  expect(office.settled()).toEqual(['8000 ms']);
  expect(office.attachment.last.heard).toEqual([{ type: 'attachment.close' }]);
  expect(office.transport.live).toHaveLength(1);
  suspendedAt(office, 2_200);
  expect(office.tags()).toEqual(['terminating']);
  expect(office.transport.live).toEqual([]);
  expect(finish(office)).toEqual([entry('closed', 1_200)]);
});

test('exit policy terminate: each is terminated, for which there is more time', () => {
  const office = withOurs({ onExit: 'terminate' });
  office.terminate();
  expect(office.settled()).toEqual(['14000 ms']);
  expect(office.endAgent.last.input.how).toBe('terminate');
  office.attachment.last.answer({ end: { how: 'ended' }, at: 0 });
  office.endAgent.last.answer(gave({ alive: false }));
  expect(finish(office)).toEqual([entry('closed', 0)]);
});

test('exit policy leave: only what is ours here is closed', () => {
  const office = withOurs({ onExit: 'leave' });
  office.terminate();
  office.attachment.last.answer({ end: { how: 'ended' }, at: 0 });
  expect(office.endAgent.calls).toEqual([]);
  expect(finish(office)).toEqual([entry('closed', 0)]);
});

test('a session of ours that could not be seen to stands in the report as failed', () => {
  for (const onExit of ['suspend', 'terminate'] as const) {
    const office = withOurs({ onExit });
    office.terminate();
    const limit = onExit === 'suspend' ? 4_000 : 10_000;
    office.pass(limit - 50);
    expect(office.tags()).not.toEqual(['terminating']);
    office.pass(50);
    expect(office.tags()).toEqual(['terminating']);
    const [left] = finish(office) as { failure: string }[];
    expect(left).toEqual(entry('failed', 0));
    expect(left?.failure).toContain(onExit === 'suspend' ? 'suspended' : 'terminated');
  }
});

test('sessions others started are not touched at the end, and not waited for', () => {
  const office = aProfile().connect([row(1), row(2, { status: 'S' })]);
  office.terminate();
  expect(office.tags()).toEqual(['terminating']);
  expect(office.endAgent.calls).toEqual([]);
  expect(finish(office)).toEqual([]);
});

test('a start in the middle is taken back first', () => {
  const office = aProfile().connect();
  office.start();
  office.terminate();
  expect(office.settled()).toEqual(['24000 ms']);
  expect(office.withdraw.live).toHaveLength(1);
  office.withdraw.last.answer(gave(undefined));
  expect(office.settled()).toEqual(['start-1: call.aborted']);
  expect(finish(office)).toEqual([expect.objectContaining({ id: 'start-1', outcome: 'closed' })]);
});

test('a withdrawal that failed stands in the report', () => {
  const office = aProfile().connect();
  office.start();
  office.terminate();
  office.withdraw.last.crash();
  expect(finish(office)).toEqual([expect.objectContaining({ id: 'start-1', outcome: 'failed' })]);
});

test.each(['introducing', 'identifying'] as const)(
  '%s: sessions we run are seen to before the end',
  (place) => {
    const office = places[place]();
    office.start();
    office.terminate();
    expect(office.state()).toBe('connected');
    expect(office.withdraw.live).toHaveLength(1);
    office.withdraw.last.answer(gave(undefined));
    expect(office.tags()).toEqual(['terminating']);
  },
);

test('told to disconnect it suspends what it runs, then says that it is disconnected', () => {
  const office = withOurs();
  office.disconnect();
  office.disconnect();
  expect(office.changes()).toEqual([]);
  suspendedAt(office, 500);
  expect(office.changes()).toEqual([
    'session.suspended suspending>suspended me',
    'profile.disconnected connected>disconnected',
  ]);
  expect(office.context()).toMatchObject({ ending: undefined, report: [], own: [] });
});

test('when that takes too long it disconnects all the same, and its session recovers with the next line', () => {
  const office = withOurs();
  office.disconnect();
  office.pass(4_000);
  expect(office.changes()).toEqual(['profile.disconnected connected>disconnected']);
  expect(office.context().own).toHaveLength(1);
});

test('told to end for good meanwhile, it does, and asks for the time it needs', () => {
  for (const late of [true, false]) {
    const office = withOurs();
    office.disconnect();
    office.settled();
    office.terminate();
    expect(office.settled()).toEqual(['8000 ms']);
    if (late) office.pass(4_000);
    else suspendedAt(office, 500);
    expect(office.tags()).toEqual(['terminating']);
  }
});

test('on the way out nothing new is begun or shown; what ends a session may be asked for', () => {
  const office = withOurs();
  office.terminate();
  office.settled();
  office.start('start-9');
  office.ask('shown');
  expect(office.settled()).toEqual(['start-9: guardian.terminated', 'shown-1: guardian.terminated']);
  office.ask('suspended');
  suspendedAt(office, 500);
  expect(office.settled()).toEqual([`suspended-1: ${sid(1)}`]);
  office.start('start-10');
  office.ask('suspended');
  expect(office.settled()).toEqual(['start-10: guardian.terminated', 'suspended-1: guardian.terminated']);
});

test.each([
  ['terminate', true, ['terminating']],
  ['terminate', false, ['terminating']],
  ['disconnect', true, ['disconnected']],
  ['disconnect', false, ['disconnected']],
] as const)(
  'the line breaks on the way to %s (for a while: %s): the end comes at once',
  (how, retryable, tags) => {
    const office = withOurs();
    office[how]();
    office.lose(0.5, retryable);
    expect(office.tags()).toEqual(tags);
    const told = office.changes();
    expect(told).toContain(retryable ? 'profile.lost connected>lost' : 'profile.failed connected>failed');
    expect(told.filter((line) => line.startsWith('profile.disconnected'))).toHaveLength(
      how === 'disconnect' ? 1 : 0,
    );
    if (how === 'terminate') expect(finish(office)).toEqual([entry('failed', 0)]);
  },
);

test('calls that wait when it ends are settled', () => {
  const office = places.connecting();
  office.start();
  office.ask('shown');
  office.terminate();
  expect(office.settled().toSorted()).toEqual([
    'shown-1: guardian.terminated',
    'start-1: guardian.terminated',
  ]);
  expect(finish(office)).toEqual([]);
});

test('without a line nothing can be seen to: the report names it', () => {
  const office = withOurs();
  office.lose();
  office.terminate();
  expect(office.tags()).toEqual(['terminating']);
  expect(finish(office)).toEqual([entry('failed', 0)]);
});

test('a session of ours whose chart crashes on the way out stands in the report', () => {
  const session = new FakePort();
  const office = aProfile({ session }).connect();
  office.start();
  session.calls[0]?.tell({ type: 'session.owned', actor: 'start-1', owned: true });
  office.terminate();
  session.calls[0]?.crash();
  expect(finish(office)).toEqual([expect.objectContaining({ id: 'start-1', outcome: 'failed' })]);
});
