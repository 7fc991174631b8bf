import { expect, test } from 'vitest';
import { died, lineGone } from '../support/ourSession.js';
import { failure } from '../support/rows.js';
import { scenes } from '../support/scenes.js';
import { agentPorts, gave, refused } from '../support/sessionPorts.js';

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

test('a resume that fails is tried again after a rest, three times in a minute', () => {
  const session = scenes.recalling().quiet();
  for (let n = 0; n < 3; n += 1) {
    session.resumeAgent.last.answer(refused(lineGone));
    expect(session.tags()).toEqual(['recovering']);
    session.pass(1_950);
    expect(session.looked()).toBe(0);
    session.pass(50);
    expect(session.looked()).toBe(1);
    session.show('server.suspended');
  }
  session.ask('shown');
  session.resumeAgent.last.answer(refused(lineGone));
  expect(session.tags()).toEqual(['suspending']);
  expect(session.settled()).toEqual(['shown-1: proxy.unstable']);
  session.pass(1_000);
  expect(session.looked()).toBe(2);
  session.show('server.suspended');
  expect(session.news()).toMatchObject([
    { type: 'session.suspended', by: 'me', failure: { code: 'proxy.unstable' } },
  ]);
});

test.each(['resume', 'viewer'] as const)('what cannot help is not tried again: the %s says so', (which) => {
  const session = which === 'resume' ? scenes.recalling() : scenes.repainting();
  if (which === 'resume') session.resumeAgent.last.crash();
  else session.close({ how: 'missing', failure: failure('proxy.missing', false) });
  expect(session.tags()).toEqual(['suspending']);
  session.pass(2_500);
  expect(session.endAgent.last.input.how).toBe('suspend');
});

test('a viewer that dies before its picture came back is tried again', () => {
  const session = scenes.repainting();
  session.close(died);
  session.pass(2_000);
  session.show('server.suspended');
  expect(session.resumeAgent.calls).toHaveLength(2);
});

test.each([
  ['verifying', 'suspended', 'suspending'],
  ['recalling', 'suspended', 'suspending'],
  ['repainting', 'suspended', 'suspending'],
  ['resting', 'suspended', 'suspending'],
  ['verifying', 'terminated', 'terminating'],
  ['recalling', 'terminated', 'terminating'],
  ['repainting', 'terminated', 'terminating'],
  ['resting', 'terminated', 'terminating'],
  ['recoveringLine', 'suspended', 'recovering'],
  ['recoveringLine', 'terminated', 'recovering'],
] as const)('%s: asked to be %s it is %s', (scene, wanted, tag) => {
  const session = scenes[scene]().quiet();
  session.ask(wanted);
  expect(session.tags()).toEqual([tag]);
  expect(session.resumeAgent.live).toEqual([]);
  expect(session.settled()).toEqual([]);
  if (tag !== 'recovering') return;
  session.heal();
  expect(session.tags()).toEqual([wanted === 'suspended' ? 'suspending' : 'terminating']);
});
