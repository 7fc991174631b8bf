import { expect, test } from 'vitest';
import { leaveTime } from '../../../machines/profileFacts.js';
import { aProfile } from '../support/aProfile.js';
import { FakePort } from '../support/fakePort.js';
import { entry, finish, suspendedAt, withOurs } from '../support/leaving.js';
import { places } from '../support/places.js';
import { row, sid } from '../support/rows.js';

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

test('a withdrawal that failed stands in the report', () => {
  const office = aProfile().connect();
  office.start();
  office.terminate();
  office.withdraw.last.crash();
  expect(finish(office)).toEqual([expect.objectContaining({ id: 'start-1', outcome: 'failed' })]);
});

test('when that takes too long it disconnects all the same, and its session recovers with the next line', () => {
  const office = withOurs();
  office.disconnect();
  office.pass(4_000);
  expect(office.changes()).toEqual(['profile.disconnected connected>disconnected']);
  expect(office.context().own).toHaveLength(1);
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

test('a shared desktop cannot be suspended: it gets the time that a termination takes', () => {
  const time = (kind: string) =>
    leaveTime({
      ...{ unnamed: [], pictureless: [], own: ['one'], named: {}, onExit: 'suspend' },
      known: { one: { kind } },
    } as never);
  expect(time('application')).toBe(4_000);
  expect(time('shadow')).toBe(10_000);
});

const owned = { type: 'session.owned', actor: 'start-1', owned: true };
const seenBy = (type: string) => ({
  type: 'fact.reported',
  fact: { type, state: 'running', session: sid(1) },
});
const started = seenBy('session.started');
const resumed = [started, { ...owned, owned: false }, owned];

test.each([
  ['a start without a picture cannot be suspended either', [], 10_000],
  ['once its picture is there it can', [started], 4_000],
  ['a resume without a picture takes its time to be', resumed, 10_000],
  ['and once its picture is there it does not', [...resumed, seenBy('session.resumed')], 4_000],
] as const)('%s', (_, events, limit) => {
  const session = new FakePort();
  const office = aProfile({ session }).connect();
  office.start();
  const tell = (event: object) => session.calls[0]?.tell(event as never);
  tell(owned);
  tell({ type: 'session.named', actor: 'start-1', record: row(1) });
  for (const event of events) tell(event);
  office.terminate();
  office.pass(limit - 50);
  expect(office.tags()).not.toEqual(['terminating']);
  office.pass(50);
  expect(office.tags()).toEqual(['terminating']);
});
