import { expect, test } from 'vitest';
import { aProfile } from '../support/aProfile.js';
import { entry, finish, suspendedAt, withOurs } from '../support/leaving.js';
import { places } from '../support/places.js';
import { row } from '../support/rows.js';
import { gave } from '../support/sessionPorts.js';

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
