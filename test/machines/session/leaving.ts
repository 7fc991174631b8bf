import { expect, test } from 'vitest';
import { scenes, theirs } from '../support/scenes.js';
import { gave } from '../support/sessionPorts.js';

const gone = { type: 'session.owned', actor: 'child', owned: false };
const left = { type: 'session.left', actor: 'child' };

test('exit policy suspend: the viewer ends, the server says suspended, then it counts as left', () => {
  const session = scenes.shown().quiet();
  session.leave('suspend');
  expect(session.attachment.last.heard).toEqual([{ type: 'attachment.close' }]);
  expect(session.said()).toEqual([]);
  session.close();
  expect(session.said()).toEqual([]);
  session.show('server.suspended');
  expect(session.said()).toEqual([gone, left]);
  expect(session.told()).toEqual(['session.suspended suspending>suspended me']);
  expect(session.context().leaving).toBe(undefined);
});

test('exit policy terminate: it is terminated', () => {
  const session = scenes.shown().quiet();
  session.leave('terminate');
  session.close();
  session.endAgent.last.answer(gave({ alive: false }));
  expect(session.said()).toEqual([gone]);
  expect(session.told()).toEqual(['session.terminated terminating>terminated me']);
});

test('exit policy leave: only what is ours here is closed', () => {
  const session = scenes.shown().quiet();
  session.leave('leave');
  expect(session.said()).toEqual([]);
  session.close();
  expect(session.said()).toEqual([left, gone]);
  expect(session.endAgent.calls).toEqual([]);
  expect(session.told()).toEqual([]);
});

test.each([
  'uncertain',
  'verifying',
  'recalling',
  'resting',
  'calling',
  'takingOver',
  'awaitingRelease',
] as const)(
  '%s: left as it is, it is let go at once, and whoever waited for its picture is told',
  (scene) => {
    const session = scenes[scene]().quiet();
    session.leave('leave');
    expect(session.said()).toEqual([left, gone]);
    expect(session.resumeAgent.live).toEqual([]);
    const waited = ['calling', 'takingOver', 'awaitingRelease'].includes(scene);
    expect(session.settled()).toEqual(waited ? ['shown-1: session.takenOver'] : []);
  },
);

test('left as it is while it was being brought back: what comes next comes from what was told last', () => {
  const session = scenes.verifying().quiet();
  session.leave('leave');
  session.show('server.suspended');
  expect(session.told()).toEqual(['session.suspended recovering>suspended other']);
});

test.each(['detaching', 'confirming', 'asking', 'insisting', 'givenUp'] as const)(
  '%s: left as it is, its suspension is not waited for',
  (scene) => {
    const session = scenes[scene]().quiet();
    session.leave('leave');
    expect(session.said()).toEqual([gone, left]);
    expect(session.tags()).toEqual(['suspending']);
  },
);

test.each(['allocating', 'withdrawing', 'showing', 'unseen', 'picturing', 'commanding'] as const)(
  '%s: a start in the middle is taken back whatever the policy says',
  (scene) => {
    for (const policy of ['suspend', 'terminate', 'leave'] as const) {
      const session = scenes[scene]().quiet();
      session.leave(policy);
      if (scene !== 'allocating' && scene !== 'withdrawing') session.close();
      if (session.withdraw.live.length > 0) session.withdraw.last.answer(gave(undefined));
      else session.endAgent.last.answer(gave({ alive: false }));
      expect(session.said()).toEqual([gone]);
      expect(session.settled()).toHaveLength(1);
      expect(session.end()).toEqual({ output: undefined });
    }
  },
);

test.each(['uncertain', 'verifying', 'recalling', 'calling', 'takingOver'] as const)(
  '%s: nothing is brought back at the end; it is suspended',
  (scene) => {
    const session = scenes[scene]().quiet();
    session.leave('suspend');
    if (scene === 'takingOver') session.endAgent.last.answer(gave({ alive: true }));
    expect(session.tags()).toEqual(['suspending']);
    session.show('server.suspended');
    expect(session.said()).toEqual([gone, left]);
  },
);

test('a session that is being terminated goes on being terminated', () => {
  const session = scenes.ending().quiet();
  session.leave('suspend');
  session.close();
  session.endAgent.last.answer(gave({ alive: false }));
  expect(session.told()).toEqual(['session.terminated terminating>terminated me']);
});

test('an orphan cannot be seen to: it says so', () => {
  const session = scenes.faulty().quiet();
  session.leave('suspend');
  expect(session.said()).toEqual([{ ...left, left: expect.objectContaining({ code: 'session.orphaned' }) }]);
});

test.each(['server.running', 'server.suspending', 'server.suspended'] as const)(
  'sessions others started are not touched at the end (%s)',
  (seen) => {
    for (const policy of ['suspend', 'terminate', 'leave'] as const) {
      const session = theirs(seen);
      session.leave(policy);
      expect(session.said()).toEqual([left]);
      session.pass(60_000);
      expect(session.endAgent.calls).toEqual([]);
      expect(session.told()).toEqual([]);
    }
  },
);

test('a shared desktop cannot be suspended: it is ended', () => {
  const session = scenes.shown();
  session.child.getSnapshot().context.record = { ...session.context().record, kind: 'shadow' };
  session.leave('suspend');
  expect(session.endAgent.last.input.how).toBe('terminate');
});
