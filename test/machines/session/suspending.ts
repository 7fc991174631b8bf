import { expect, test } from 'vitest';
import { scenes, theirs } from '../support/scenes.js';
import { gave } from '../support/sessionPorts.js';

test('the viewer is asked to end, then the server is asked whether it says so too', () => {
  const session = scenes.shown().quiet();
  session.ask('suspended');
  expect(session.attachment.last.heard).toEqual([{ type: 'attachment.close' }]);
  expect(session.tags()).toEqual(['suspending']);
  session.close();
  expect(session.looked()).toBe(1);
  session.pass(1_000);
  expect(session.looked()).toBe(1);
  expect(session.settled()).toEqual([]);
  session.show('server.suspended');
  expect(session.settled()).toEqual(['suspended-1: ok']);
  expect(session.told()).toEqual(['session.suspended suspending>suspended me']);
  expect(session.said()).toEqual([{ type: 'session.owned', actor: 'child', owned: false }]);
  expect(session.endAgent.calls).toEqual([]);
});

test('suspended before its viewer has ended it is suspended', () => {
  const session = scenes.detaching();
  session.show('server.suspended');
  expect(session.tags()).toEqual(['suspended']);
  expect(session.settled()).toContain('suspended-1: ok');
});

test.each(['answers', 'crashes'] as const)(
  'an agent that does not suspend itself is told to, and the server is looked at until it shows (%s)',
  (how) => {
    const session = scenes.asking().quiet();
    expect(session.endAgent.last.input).toMatchObject({ how: 'suspend', deadlineMs: 15_000 });
    for (let second = 0; second <= 30; second += 1) {
      if (session.endAgent.live.length > 0 && how === 'crashes') session.endAgent.last.crash();
      else if (session.endAgent.live.length > 0) session.endAgent.last.answer(gave({ alive: true }));
      expect(session.looked()).toBe(1);
      session.pass(1_000);
    }
    // Told again every eight seconds: an agent that was being resumed took no notice.
    expect(session.endAgent.calls).toHaveLength(4);
    session.show('server.suspended');
    expect(session.settled()).toEqual(['suspended-1: ok']);
  },
);

test('suspended while it is told to, it is suspended', () => {
  const session = scenes.asking();
  session.show('server.suspended');
  expect(session.tags()).toEqual(['suspended']);
  expect(session.endAgent.live).toEqual([]);
});

test('a suspension that never shows has failed: the session runs on and is none of ours', () => {
  const session = scenes.insisting().quiet();
  session.pass(50_000);
  expect(session.settled()).toEqual(['suspended-1: command.timedOut']);
  expect(session.tags()).toEqual(['running']);
  expect(session.said()).toMatchObject([{ owned: false, left: { code: 'command.timedOut' } }]);
});

test('asked for while it was being brought back: seen running all the same, it is told so, once', () => {
  const session = scenes.verifying().quiet();
  session.ask('suspended');
  session.pass(60_000);
  session.endAgent.last.answer(gave({ alive: true }));
  session.pass(60_000);
  expect(session.settled()).toEqual(['suspended-1: command.timedOut']);
  session.told();
  session.show('server.running', 'server.running');
  expect(session.told()).toEqual(['session.resumed recovering>running other']);
});

test('suspended and resumed by another client meanwhile it is not suspended again', () => {
  const session = scenes.confirming().quiet();
  session.show({ type: 'server.running', stint: 'ours' });
  expect(session.told()).toEqual([]);
  session.ask('shown');
  session.show({ type: 'server.running', stint: 'theirs' });
  expect(session.told()).toEqual([
    'session.suspended suspending>suspended me',
    'session.resumed suspended>running other',
  ]);
  expect(session.settled()).toEqual(['suspended-1: ok', 'shown-1: session.takenOver']);
  session.pass(60_000);
  expect(session.endAgent.calls).toEqual([]);
});

test.each(['confirming', 'asking', 'insisting', 'givenUp', 'unknown'] as const)(
  '%s: asked to be terminated instead it is, as soon as there is a line',
  (scene) => {
    const session = scenes[scene]();
    session.ask('terminated');
    if (scene === 'unknown') session.heal();
    expect(session.tags()).toEqual(['terminating']);
    expect(session.endAgent.last.input.how).toBe('terminate');
  },
);

test('asked for its picture on the way, it is suspended first and then resumed', () => {
  const session = scenes.confirming().quiet();
  session.ask('shown');
  session.show('server.suspended');
  expect(session.settled()).toEqual(['suspended-1: ok']);
  expect(session.tags()).toEqual(['resuming']);
  const other = theirs('server.suspending');
  other.ask('shown');
  other.show('server.suspended');
  expect(other.tags()).toEqual(['resuming']);
});

test('a suspended session is resumed only when what showed it is gone', () => {
  const session = scenes.detaching();
  session.show('server.suspended');
  session.ask('shown');
  expect(session.tags()).toEqual(['suspended']);
  session.close();
  expect(session.tags()).toEqual(['resuming']);
});

test.each(['detaching', 'confirming', 'asking', 'insisting', 'givenUp'] as const)(
  '%s: the line breaks on the way; the server is asked when it is heard again',
  (scene) => {
    const session = scenes[scene]();
    session.lose();
    expect(session.endAgent.live).toEqual([]);
    if (scene === 'detaching') session.close({ how: 'cut' });
    session.looked();
    session.pass(60_000);
    expect(session.looked()).toBe(0);
    session.heal();
    expect(session.looked()).toBe(1);
    session.show('server.suspended');
    expect(session.tags()).toEqual(['suspended']);
  },
);

test('the line breaks while somebody else suspends it: nothing is done about that', () => {
  const session = theirs('server.suspending');
  session.lose();
  session.heal();
  session.pass(60_000);
  expect(session.endAgent.calls).toEqual([]);
  session.show({ type: 'server.running', stint: 'a third' });
  expect(session.tags()).toEqual(['running']);
});

test('what is suspended already is suspended', () => {
  const session = theirs('server.suspended');
  session.ask('suspended');
  expect(session.settled()).toEqual(['suspended-1: ok']);
  expect(session.endAgent.calls).toEqual([]);
});

test('one that another client shows is suspended on request, and is none of ours', () => {
  const session = theirs('server.running');
  session.ask('suspended');
  expect(session.endAgent.last.input.how).toBe('suspend');
  expect(session.said()).toEqual([]);
  session.show('server.suspended');
  expect(session.told()).toEqual(['session.suspended suspending>suspended me']);
});
