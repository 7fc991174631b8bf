import { describe, expect, test } from 'vitest';
import type { OurSession } from '../support/ourSession.js';
import { failure, sid } from '../support/rows.js';
import { type Scene, sceneNames, scenes, theirs } from '../support/scenes.js';
import { gave, made, refused } from '../support/sessionPorts.js';

test('two calls for the same share one outcome', () => {
  const session = scenes.calling();
  session.ask('shown', 'shown-2');
  session.show('server.gone');
  expect(session.settled()).toEqual(['shown-1: session.ended', 'shown-2: session.ended']);
});

test('who asks for something else has it: the call before is told so', () => {
  const session = scenes.calling();
  session.ask('suspended');
  expect(session.settled()).toEqual(['shown-1: call.aborted']);
  session.show('server.suspended');
  expect(session.settled()).toEqual(['suspended-1: ok']);
  const lineless = scenes.recoveringLine();
  lineless.ask('terminated');
  lineless.settled();
  lineless.ask('shown');
  expect(lineless.settled()).toEqual(['terminated-1: call.aborted']);
});

test('what is so already is no error: each call gets its outcome at once', () => {
  const session = scenes.shown().quiet();
  session.ask('shown');
  session.ask('shown', 'shown-2');
  expect(session.settled()).toEqual(['shown-1: ok', 'shown-2: ok']);
  expect(session.resumeAgent.calls).toEqual([]);
  expect(session.told()).toEqual([]);
});

test('a request that a state does not allow is refused with what it allows', () => {
  const session = scenes.allocating();
  session.ask('suspended');
  expect(session.settled()).toEqual(['suspended-1: session.notAllowed']);
  const shadow = theirs('server.running', { record: made(1, { kind: 'shadow' }) });
  shadow.ask('suspended');
  expect(shadow.settled()).toEqual(['suspended-1: session.notAllowed']);
  shadow.ask('terminated');
  expect(shadow.tags()).toEqual(['terminating']);
});

test('the refusal names the session, its state and what can be asked', () => {
  const session = scenes.ending();
  session.quiet().ask('shown');
  const message = `cannot resume ${sid(1)} while it is terminating: it allows terminate`;
  expect(session.outcomes()).toMatchObject([{ outcome: { failure: { message } } }]);
});

const events: readonly (readonly [string, (session: OurSession) => void])[] = [
  ['server.starting', (s) => s.show('server.starting')],
  ['server.running', (s) => s.show('server.running')],
  ['another stint', (s) => s.show({ type: 'server.running', stint: 'another' })],
  ['server.suspending', (s) => s.show('server.suspending')],
  ['server.suspended', (s) => s.show('server.suspended')],
  ['server.unlisted', (s) => s.show('server.unlisted')],
  ['server.gone', (s) => s.show('server.gone')],
  ['resume', (s) => void s.ask('shown', 'x')],
  ['suspend', (s) => void s.ask('suspended', 'x')],
  ['terminate', (s) => void s.ask('terminated', 'x')],
  ['abandon', (s) => s.abandon('start-1')],
  ['leave suspend', (s) => s.leave('suspend')],
  ['leave terminate', (s) => s.leave('terminate')],
  ['leave leave', (s) => s.leave('leave')],
  ['line.lost', (s) => s.lose()],
  ['line.up', (s) => s.heal()],
  ['line.denied', (s) => s.deny()],
  ['shown', (s) => s.send({ type: 'attachment.shown', sound: true, at: 0 } as { type: string })],
  ['an hour', (s) => s.pass(3_600_000 / 60)],
];

describe.each(sceneNames)('%s', (scene: Scene) => {
  test.each(events)(
    'survives %s, and every call is settled once when the session is gone',
    (_name, happen) => {
      const session = scenes[scene]();
      happen(session);
      session.lose();
      session.heal();
      for (let round = 0; round < 4; round += 1) {
        for (const call of session.attachment.live) call.answer({ end: { how: 'ended' }, at: 0 });
        for (const call of session.withdraw.live) call.answer(gave(undefined));
        for (const call of session.startAgent.live) call.answer(refused(failure('agent.failed', true)));
        session.pass(3_000);
        if (session.end() === undefined) session.show('server.gone');
      }
      expect(session.end()).toEqual({ output: undefined });
      expect(session.attachment.live).toEqual([]);
      const { settled, waiting } = session.operations();
      expect(settled.toSorted()).toEqual([...new Set(settled)].toSorted());
      expect(waiting).toEqual([]);
    },
  );
});
