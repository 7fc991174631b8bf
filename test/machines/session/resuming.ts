import { expect, test } from 'vitest';
import { died, ourSession } from '../support/ourSession.js';
import { failure, sid } from '../support/rows.js';
import { scenes, theirs } from '../support/scenes.js';
import { agentPorts, gave, made, refused } from '../support/sessionPorts.js';

test('a suspended session is resumed: with its ports, its viewer, and one outcome', () => {
  const session = theirs('server.suspended');
  session.send({
    type: 'session.ask',
    operation: 'resume-1',
    wanted: 'shown',
    presentation: { geometry: 'fullscreen' },
  } as { type: string });
  expect(session.tags()).toEqual(['resuming']);
  expect(session.said()).toEqual([{ type: 'session.owned', actor: 'child', owned: true }]);
  expect(session.resumeAgent.last.input).toEqual({
    profile: 'office',
    session: sid(1),
    kind: 'application',
    agentPid: 1_001,
    presentation: { geometry: 'fullscreen' },
    deadlineMs: 60_000,
  });
  session.resumeAgent.last.answer(gave(agentPorts));
  expect(session.attachment.last.input).toMatchObject({
    ports: agentPorts,
    presentation: { geometry: 'fullscreen' },
  });
  session.paint();
  expect(session.told()).toEqual(['session.resumed resuming>running me']);
  expect(session.settled()).toEqual(['resume-1: ok']);
  expect(session.runCommand.calls).toEqual([]);
});

test('without a line, or without an agent, a resume waits', () => {
  const lineless = theirs('server.suspended', { lineUp: false });
  lineless.ask('shown');
  expect(lineless.tags()).toEqual(['suspended']);
  lineless.heal();
  expect(lineless.tags()).toEqual(['resuming']);
  const { agentPid: _, ...agentless } = made(1);
  const starting = theirs('server.suspended', { record: agentless });
  starting.ask('shown');
  expect(starting.tags()).toEqual(['suspended']);
  starting.send({ type: 'session.listed', record: made(1) } as { type: string });
  expect(starting.tags()).toEqual(['resuming']);
});

test('a resume that waits for a line, and that nobody waits for any more, is forgotten', () => {
  const session = theirs('server.suspended', { lineUp: false });
  session.ask('shown');
  session.abandon('shown-1');
  session.heal();
  expect(session.tags()).toEqual(['suspended']);
  expect(session.settled()).toEqual(['shown-1: call.aborted']);
});

test('when the line is refused for good whoever waits for it is told why, and nothing is wanted any more', () => {
  const session = theirs('server.suspended', { lineUp: false });
  session.ask('shown');
  session.deny();
  expect(session.settled()).toEqual(['shown-1: auth.refused']);
  session.heal();
  expect(session.tags()).toEqual(['suspended']);
});

test('asked for before the server was heard of it, a session is resumed when it is', () => {
  const session = ourSession({ record: made(1), by: 'found' });
  session.ask('shown');
  expect(session.tags()).toEqual(['virgin']);
  session.show('server.suspended');
  expect(session.tags()).toEqual(['resuming']);
});

test.each(['answer', 'crash'] as const)(
  'a resume that fails (%s) is told, and the session is suspended again',
  (how) => {
    const session = scenes.calling().quiet();
    if (how === 'crash') session.resumeAgent.last.crash();
    else session.resumeAgent.last.answer(refused(failure('command.timedOut', true)));
    expect(session.settled()).toEqual([
      how === 'crash' ? 'shown-1: unexpected' : 'shown-1: command.timedOut',
    ]);
    expect(session.tags()).toEqual(['suspending']);
    session.show('server.suspended');
    expect(session.tags()).toEqual(['suspended']);
    // It was told to be suspended before, and was never told to be anything else.
    expect(session.told()).toEqual([]);
  },
);

test('a session that was on the screen in between is told to be suspended again', () => {
  const session = scenes.resumed();
  session.attachment.last.tell({ type: 'attachment.shown', sound: true, at: 0 });
  session.quiet();
  session.ask('suspended');
  session.close();
  session.show('server.suspended');
  expect(session.told()).toEqual(['session.suspended suspending>suspended me']);
});

test('a viewer that ends before its picture was there fails the resume', () => {
  for (const [end, code] of [
    [died, 'proxy.failed'],
    [{ how: 'screen', failure: failure('screen.missing', false) }, 'screen.missing'],
  ] as const) {
    const session = scenes.resumed();
    session.close(end);
    expect(session.settled()).toEqual([`shown-1: ${code}`]);
    expect(session.tags()).toEqual(['suspending']);
  }
});

test.each(['takingOver', 'awaitingRelease', 'calling', 'resumed'] as const)(
  '%s: a resume that nobody waits for any more is taken back',
  (scene) => {
    const session = scenes[scene]();
    session.abandon('shown-1');
    if (scene === 'takingOver') session.endAgent.last.answer(gave({ alive: true }));
    expect(session.settled()).toEqual(['shown-1: call.aborted']);
    expect(session.tags()).toEqual(['suspending']);
    if (scene === 'resumed') session.close();
    session.show('server.suspended');
    expect(session.tags()).toEqual(['suspended']);
  },
);

test('as long as one of two waits it is not taken back', () => {
  const session = scenes.calling();
  session.ask('shown', 'shown-2');
  session.abandon('shown-1');
  session.abandon('nobody');
  expect(session.tags()).toEqual(['resuming']);
});

test.each(['takingOver', 'calling', 'resumed'] as const)(
  '%s: the line drops in the middle of a resume',
  (scene) => {
    const kept = scenes[scene]().quiet();
    kept.lose();
    expect(kept.told()).toEqual(['session.recovering resuming>recovering other']);
    expect(kept.settled()).toEqual([]);
    const dropped = scenes[scene]().quiet();
    dropped.child.getSnapshot().context.recover = false;
    dropped.lose();
    expect(dropped.tags()).toEqual(['suspending']);
    expect(dropped.settled()).toEqual(['shown-1: ssh.closed']);
    if (scene === 'resumed') dropped.close({ how: 'cut' });
    dropped.heal();
    dropped.show('server.suspended');
    expect(dropped.tags()).toEqual(['suspended']);
  },
);
