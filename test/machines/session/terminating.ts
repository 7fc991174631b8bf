import { expect, test } from 'vitest';
import { failure, rowWithoutAgent, sid } from '../support/rows.js';
import { scenes, theirs } from '../support/scenes.js';
import { gave, refused } from '../support/sessionPorts.js';

test('a session is terminated, its viewer leaves, and it is over when nothing of it is left', () => {
  const session = scenes.shown().quiet();
  session.ask('terminated');
  expect(session.endAgent.last.input).toEqual({
    profile: 'office',
    session: sid(1),
    how: 'terminate',
    agentPid: 1_001,
    deadlineMs: 15_000,
  });
  session.show('server.unlisted');
  expect(session.attachment.last.heard).toEqual([]);
  session.endAgent.last.answer(gave({ alive: false }));
  expect(session.attachment.last.heard).toEqual([{ type: 'attachment.close' }]);
  session.show('server.unlisted', 'server.gone');
  expect(session.settled()).toEqual([]);
  session.close();
  expect(session.settled()).toEqual(['terminated-1: ok']);
  expect(session.told()).toEqual(['session.terminated terminating>terminated me']);
  expect(session.said()).toEqual([{ type: 'session.owned', actor: 'child', owned: false }]);
});

test.each(['server.running', 'server.suspending', 'server.suspended'] as const)(
  "first seen by %s, somebody else's is terminated on request",
  (seen) => {
    const session = theirs(seen);
    session.ask('terminated');
    expect(session.endAgent.last.input.how).toBe('terminate');
    session.endAgent.last.answer(gave({ alive: false }));
    expect(session.settled()).toEqual(['terminated-1: ok']);
  },
);

test('where no agent is known of, the command is not believed: one may be on its way', () => {
  const session = theirs('server.starting', { record: rowWithoutAgent(1) });
  session.ask('terminated');
  session.endAgent.last.answer(gave({ alive: false }));
  expect(session.settled()).toEqual([]);
  expect(session.tags()).toEqual(['terminating']);
  session.show('server.gone');
  expect(session.settled()).toEqual(['terminated-1: ok']);
});

test.each(['alive', 'refused', 'crash'] as const)(
  'when the command does not say that the agent has ended (%s) the server is looked at until it shows',
  (how) => {
    const session = scenes.ending().quiet();
    if (how === 'crash') session.endAgent.last.crash();
    else if (how === 'alive') session.endAgent.last.answer(gave({ alive: true }));
    else session.endAgent.last.answer(refused(failure('command.timedOut', true)));
    session.show('server.unlisted');
    session.pass(5_000);
    expect(session.looked()).toBe(6);
    expect(session.tags()).toEqual(['terminating']);
    session.show('server.gone');
    session.close();
    expect(session.settled()).toEqual(['terminated-1: ok']);
  },
);

test('one that is in use by then, and was to be ended only while it is not, is suspended no more and goes on', () => {
  const session = theirs('server.suspended');
  session.ask('terminated');
  session.endAgent.last.answer(refused(failure('session.takenOver', true)));
  expect(session.settled()).toEqual(['terminated-1: session.takenOver']);
  expect(session.tags()).toEqual(['suspended']);
  expect(session.endAgent.calls).toHaveLength(1);
  session.show({ type: 'server.running', stint: 'theirs' });
  expect(session.told().at(-1)).toMatch(/^session\.resumed suspended>running/);
  session.pass(60_000);
  expect(session.endAgent.calls).toHaveLength(1);
});

test('an agent that outlives that is an orphan: whoever asked is told, and may ask again', () => {
  const session = scenes.endingConfirming().quiet();
  session.pass(10_000);
  expect(session.tags()).toEqual(['faulty']);
  expect(session.settled()).toEqual(['terminated-1: session.orphaned']);
  expect(session.news()).toMatchObject([{ type: 'session.failed', failure: { code: 'session.orphaned' } }]);
  session.ask('shown');
  session.ask('suspended');
  expect(session.settled()).toEqual(['shown-1: session.notAllowed', 'suspended-1: session.notAllowed']);
  session.ask('terminated', 'again');
  expect(session.endAgent.calls).toHaveLength(2);
  session.close();
  session.endAgent.last.answer(gave({ alive: false }));
  expect(session.settled()).toEqual(['again: ok']);
});

test.each(['ending', 'endingConfirming'] as const)(
  '%s: the line breaks on the way; it is asked again',
  (scene) => {
    for (const evidence of [true, false]) {
      const session = scenes[scene]();
      session.lose();
      expect(session.attachment.last.heard).toEqual([{ type: 'attachment.close' }]);
      expect(session.endAgent.live).toEqual([]);
      if (evidence) session.show('server.unlisted');
      else session.heal();
      expect(session.endAgent.live).toHaveLength(1);
    }
  },
);

test.each(['unlisted', 'faulty'] as const)('%s: asked to be terminated it is ended once more', (scene) => {
  const session = scenes[scene]();
  session.ask('terminated');
  expect(session.endAgent.last.input.how).toBe('terminate');
});

test('a session on the screen that a cut listing left out stays on the screen', () => {
  const session = scenes.unlisted().quiet();
  expect(session.attachment.last.heard).toEqual([]);
  session.show({ type: 'server.running', stint: 'ours' });
  expect(session.tags()).toEqual(['running']);
  expect(session.attachment.live).toHaveLength(1);
  expect(session.said()).toEqual([]);
  expect(session.told()).toEqual([]);
});

test('one that was suspended meanwhile is not fought for', () => {
  const session = scenes.unlisted().quiet();
  session.show('server.suspended');
  session.close();
  expect(session.tags()).toEqual(['suspended']);
  expect(session.resumeAgent.calls).toEqual([]);
  expect(session.said()).toMatchObject([{ owned: false }]);
});

test('on the way out only the end can be asked for', () => {
  const session = scenes.ending();
  session.ask('shown');
  session.ask('suspended');
  session.ask('terminated', 'too');
  expect(session.settled()).toContain('shown-1: session.notAllowed');
  session.close();
  session.endAgent.last.answer(gave({ alive: false }));
  expect(session.settled()).toEqual(['terminated-1: ok', 'too: ok']);
});

test('ended by its application, whoever wanted something else of it is told so', () => {
  const session = theirs('server.suspended');
  session.ask('shown');
  session.show('server.gone');
  expect(session.settled()).toEqual(['shown-1: session.ended']);
  expect(session.told()).toEqual(['session.terminated resuming>terminated other']);
});
