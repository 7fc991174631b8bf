import { expect, test } from 'vitest';
import { scenes } from '../support/scenes.js';
import { agentPorts, gave } from '../support/sessionPorts.js';

const theirStint = { type: 'server.running', stint: 'theirs' } as const;

const ourStint = { type: 'server.running', stint: 'ours' } as const;

test('the line drops under a running session: it recovers, and is on the screen when the line is back', () => {
  const session = scenes.shown().quiet();
  session.lose();
  expect(session.news()).toMatchObject([
    { type: 'session.recovering', from: 'running', by: 'other', failure: { code: 'ssh.closed' } },
  ]);
  expect(session.attachment.last.heard).toEqual([{ type: 'attachment.close' }]);
  session.close({ how: 'cut' });
  session.pass(60_000);
  expect(session.looked()).toBe(0);
  session.heal();
  expect(session.looked()).toBe(1);
  session.pass(1_000);
  expect(session.looked()).toBe(1);
  session.show('server.suspended');
  expect(session.resumeAgent.last.input).toMatchObject({ agentPid: 1_001, deadlineMs: 60_000 });
  session.resumeAgent.last.answer(gave(agentPorts));
  session.paint();
  expect(session.told()).toEqual(['session.resumed recovering>running me']);
  expect(session.said()).toEqual([]);
});

test('until what showed it is closed nothing is resumed', () => {
  const session = scenes.recoveringLine();
  session.heal();
  session.show('server.suspended', ourStint);
  expect(session.resumeAgent.calls).toEqual([]);
  session.close({ how: 'cut' });
  session.show('server.suspended');
  expect(session.resumeAgent.live).toHaveLength(1);
});

test('a server that has not noticed yet is asked to resume all the same, once a listing said that it is ours', () => {
  const session = scenes.verifying();
  session.show('server.running');
  expect(session.resumeAgent.calls).toEqual([]);
  session.show(ourStint);
  expect(session.resumeAgent.live).toHaveLength(1);
});

test('taken over while the line was down it is not fought for', () => {
  const session = scenes.verifying().quiet();
  session.ask('shown');
  session.show(theirStint);
  expect(session.told()).toEqual([
    'session.suspended recovering>suspended other',
    'session.resumed suspended>running other',
  ]);
  expect(session.settled()).toEqual(['shown-1: session.takenOver']);
  expect(session.said()).toMatchObject([{ type: 'session.owned', owned: false }]);
  expect(session.resumeAgent.calls).toEqual([]);
});

test('one that never met its viewer cannot be resumed: it is terminated', () => {
  const session = scenes.verifying();
  session.show('server.starting');
  expect(session.endAgent.last.input.how).toBe('terminate');
});

test('where nothing is to be brought back a lost line leaves the session to the server', () => {
  for (const scene of ['shown', 'uncertain'] as const) {
    const session = scenes[scene]().quiet();
    session.child.getSnapshot().context.recover = false;
    session.ask('shown');
    session.settled();
    session.lose();
    expect(session.tags()).toEqual(['running']);
    expect(session.said()).toMatchObject([{ type: 'session.owned', owned: false }]);
    if (scene === 'shown') session.close();
    session.heal();
    session.show('server.suspended');
    expect(session.told()).toEqual(['session.suspended running>suspended other']);
    expect(session.resumeAgent.calls).toEqual([]);
  }
});

test('whoever asked for the picture of a session that is not brought back is told so', () => {
  const session = scenes.uncertain();
  session.child.getSnapshot().context.recover = false;
  session.ask('shown');
  session.settled();
  session.lose();
  expect(session.settled()).toEqual(['shown-1: session.takenOver']);
});

test('a viewer that broke just before its line is brought back with the line; one that was closed is not', () => {
  const broken = scenes.uncertain().quiet();
  broken.lose();
  expect(broken.told()).toEqual(['session.recovering running>recovering other']);
  const closed = scenes.shown().quiet();
  closed.close();
  closed.lose();
  expect(closed.told()).toEqual([]);
  expect(closed.said()).toMatchObject([{ type: 'session.owned', owned: false }]);
});

test.each(['verifying', 'recalling', 'repainting', 'resting'] as const)(
  '%s: when the line drops again it is waited for again',
  (scene) => {
    const session = scenes[scene]();
    session.lose();
    if (scene === 'repainting') session.close({ how: 'cut' });
    expect(session.resumeAgent.live).toEqual([]);
    session.pass(60_000);
    session.looked();
    session.heal();
    session.show('server.suspended');
    expect(session.resumeAgent.live).toHaveLength(1);
  },
);
