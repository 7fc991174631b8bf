import { expect, test } from 'vitest';
import { died } from '../support/ourSession.js';
import { sid } from '../support/rows.js';
import { scenes } from '../support/scenes.js';
import { gave, made } from '../support/sessionPorts.js';

test('a start without a line asks nothing of the server and runs nothing, until the line is there', () => {
  const session = scenes.awaitingLine();
  expect(session.startAgent.calls).toEqual([]);
  expect(session.said()).toEqual([]);
  session.heal();
  expect(session.startAgent.live).toHaveLength(1);
});

test('a start without a line that is called off is undone at once', () => {
  const session = scenes.awaitingLine();
  session.abandon('start-1');
  expect(session.settled()).toEqual(['start-1: call.aborted']);
  expect(session.told()).toEqual(['session.failed starting>terminated me']);
  expect(session.end()).toEqual({ output: undefined });
  expect(session.withdraw.calls).toEqual([]);
});

test('a start whose line is refused for good fails with the reason', () => {
  const session = scenes.awaitingLine();
  session.deny();
  expect(session.settled()).toEqual(['start-1: auth.refused']);
  expect(session.end()).toEqual({ output: undefined });
});

test('a start that is called off while the agent is being made withdraws it', () => {
  const session = scenes.allocating();
  session.abandon('start-1');
  expect(session.settled()).toEqual(['start-1: call.aborted']);
  expect(session.startAgent.live).toEqual([]);
  expect(session.withdraw.live).toHaveLength(1);
  expect(session.end()).toBe(undefined);
  session.withdraw.last.answer(gave(undefined));
  expect(session.news()).toMatchObject([{ type: 'session.failed', failure: { code: 'call.aborted' } }]);
  expect(session.settled()).toEqual([]);
  expect(session.end()).toEqual({ output: undefined });
});

test('the guardian that ends calls a start off, and the call is told so when nothing is left of it', () => {
  const session = scenes.allocating();
  session.leave('suspend');
  expect(session.settled()).toEqual([]);
  session.withdraw.last.answer(gave(undefined));
  expect(session.settled()).toEqual(['start-1: call.aborted']);
});

test.each(['showing', 'unseen', 'picturing', 'commanding'] as const)(
  '%s: a start that is called off ends its agent',
  (scene) => {
    const session = scenes[scene]().quiet();
    session.abandon('start-1');
    expect(session.tags()).toEqual(['terminating']);
    expect(session.runCommand.live).toEqual([]);
    session.endAgent.last.answer(gave({ alive: false }));
    session.close();
    expect(session.told()).toEqual(['session.terminated terminating>terminated me']);
  },
);

test('the line breaks in the middle of a start: what it left is withdrawn, then it starts again', () => {
  const session = scenes.allocating();
  session.lose();
  expect(session.startAgent.live).toEqual([]);
  expect(session.withdraw.calls).toEqual([]);
  session.heal();
  expect(session.withdraw.live).toHaveLength(1);
  session.withdraw.last.answer(gave(undefined));
  expect(session.startAgent.live).toHaveLength(1);
  expect(session.settled()).toEqual([]);
});

test('one that had a name is told to be gone, and starts again under another', () => {
  const session = scenes.showing().quiet();
  session.lose();
  session.heal();
  expect(session.withdraw.calls).toEqual([]);
  expect(session.attachment.last.heard).toEqual([{ type: 'attachment.close' }]);
  session.close({ how: 'cut' });
  session.show('server.unlisted', 'server.gone');
  session.withdraw.last.answer(gave(undefined));
  expect(session.told()).toEqual(['session.terminated starting>terminated me']);
  expect(session.said()).toEqual([{ type: 'session.withdrawn', actor: 'child', session: sid(1) }]);
  session.startAgent.last.answer(gave(made(2)));
  expect(session.attachment.last.input.session).toBe(sid(2));
  expect(session.attachment.live).toHaveLength(1);
  expect(session.context().record?.session).toBe(sid(2));
});

test('one that had a name and is called off meanwhile does not start again', () => {
  const session = scenes.stranded().quiet();
  session.close({ how: 'cut' });
  session.abandon('start-1');
  session.heal();
  session.withdraw.last.answer(gave(undefined));
  expect(session.told()).toEqual([
    'session.failed starting>terminated me',
    'session.terminated starting>terminated me',
  ]);
  expect(session.startAgent.calls).toHaveLength(1);
});

test('when the line is refused for good what was begun is withdrawn as soon as there is one after all', () => {
  const session = scenes.stranded();
  session.show('server.unlisted', 'server.gone');
  session.deny();
  expect(session.settled()).toEqual(['start-1: auth.refused']);
  expect(session.tags()).toEqual(['starting']);
  session.close({ how: 'cut' });
  session.heal();
  session.withdraw.last.answer(gave(undefined));
  expect(session.end()).toEqual({ output: undefined });
  expect(session.settled()).toEqual([]);
});

test('the line breaks while a start is withdrawn: it is withdrawn again', () => {
  const session = scenes.withdrawing();
  session.show('server.unlisted', 'server.gone');
  session.lose();
  session.heal();
  expect(session.withdraw.calls).toHaveLength(2);
  session.withdraw.last.answer(gave(undefined));
  expect(session.settled()).toEqual(['start-1: agent.failed']);
});

test('a viewer that ends while its start is stranded is dropped', () => {
  const session = scenes.stranded();
  session.close(died);
  expect(session.context().attached).toBe(false);
});
