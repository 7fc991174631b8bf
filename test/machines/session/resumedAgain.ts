import { expect, test } from 'vitest';
import { died, lineGone } from '../support/ourSession.js';
import { failure } from '../support/rows.js';
import { scenes } from '../support/scenes.js';
import { refused } from '../support/sessionPorts.js';

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
