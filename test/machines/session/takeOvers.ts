import { expect, test } from 'vitest';
import { failure, sid } from '../support/rows.js';
import { scenes } from '../support/scenes.js';
import { gave, refused } from '../support/sessionPorts.js';

test.each(['answers', 'crashes'] as const)(
  'a take-over waits until the server says suspended (the command %s)',
  (how) => {
    const session = scenes.takingOver().quiet();
    expect(session.endAgent.last.input).toMatchObject({ how: 'suspend', session: sid(1) });
    const answer = () =>
      how === 'crashes' ? session.endAgent.last.crash() : session.endAgent.last.answer(gave({ alive: true }));
    answer();
    expect(session.tags()).toEqual(['resuming']);
    for (let second = 0; second < 49; second += 1) {
      expect(session.looked()).toBe(1);
      session.show({ type: 'server.running', stint: 'theirs' });
      session.pass(1_000);
      // An agent that was being resumed took no notice: it is told again every eight seconds.
      if (session.endAgent.live.length > 0) answer();
    }
    expect(session.endAgent.calls).toHaveLength(7);
    expect(session.resumeAgent.calls).toEqual([]);
    session.show('server.suspended');
    expect(session.told()).toEqual(['session.suspended resuming>suspended me']);
    expect(session.resumeAgent.live).toHaveLength(1);
  },
);

test('suspended before the command has answered it is resumed at once', () => {
  const session = scenes.takingOver();
  session.show('server.suspended');
  expect(session.endAgent.live).toEqual([]);
  expect(session.resumeAgent.live).toHaveLength(1);
});

test('a client that does not let go keeps it', () => {
  const session = scenes.awaitingRelease().quiet();
  session.pass(50_000);
  expect(session.tags()).toEqual(['running']);
  expect(session.settled()).toEqual(['shown-1: command.timedOut']);
  expect(session.said()).toMatchObject([{ type: 'session.owned', owned: false }]);
  session.pass(60_000);
  expect(session.endAgent.calls).toHaveLength(2);
});

test.each([
  ['takingOver', 'suspended', 'resuming'],
  ['takingOver', 'terminated', 'resuming'],
  ['awaitingRelease', 'suspended', 'suspending'],
  ['awaitingRelease', 'terminated', 'terminating'],
  ['calling', 'suspended', 'suspending'],
  ['calling', 'terminated', 'terminating'],
  ['resumed', 'suspended', 'suspending'],
  ['resumed', 'terminated', 'terminating'],
] as const)('%s: asked to be %s instead it is %s', (scene, wanted, tag) => {
  const session = scenes[scene]().quiet();
  session.ask(wanted);
  expect(session.tags()).toEqual([tag]);
  expect(session.resumeAgent.live).toEqual([]);
  expect(session.settled()).toEqual(['shown-1: call.aborted']);
});

test('a session that another guardian here is resuming is left to it', () => {
  const session = scenes.calling().quiet();
  session.resumeAgent.last.answer(refused(failure('session.locked', true)));
  expect(session.settled()).toEqual(['shown-1: session.locked']);
  expect(session.tags()).toEqual(['suspended']);
  expect(session.said()).toMatchObject([{ type: 'session.owned', owned: false }]);
  expect(session.told()).toEqual([]);
  session.pass(60_000);
  expect(session.endAgent.calls).toEqual([]);
});
