import { expect, test } from 'vitest';
import { died, type OurSession } from '../support/ourSession.js';
import { failure } from '../support/rows.js';
import { scenes } from '../support/scenes.js';
import { agentPorts, gave, refused } from '../support/sessionPorts.js';

const bringBack = (session: OurSession) => {
  session.show('server.suspended');
  expect(session.tags()).toEqual(['recovering']);
  session.resumeAgent.last.answer(gave(agentPorts));
  session.paint();
  expect(session.tags()).toEqual(['running']);
};

test('a viewer that died is brought back by a resume', () => {
  const session = scenes.shown().quiet();
  session.close(died, 5_000);
  expect(session.tags()).toEqual(['running']);
  expect(session.looked()).toBe(1);
  session.show('server.suspending');
  session.pass(1_000);
  expect(session.looked()).toBe(1);
  bringBack(session);
  expect(session.told()).toEqual([
    'session.recovering running>recovering other',
    'session.resumed recovering>running me',
  ]);
  expect(session.attachment.live).toHaveLength(1);
});

test('why it is brought back is told, also where the viewer did not say', () => {
  for (const [end, code] of [
    [died, 'proxy.failed'],
    [{ how: 'cut' }, 'proxy.failed'],
  ] as const) {
    const session = scenes.shown().quiet();
    session.close(end);
    session.show('server.suspended');
    expect(session.news()).toMatchObject([{ type: 'session.recovering', failure: { code } }]);
  }
});

test('a viewer that dies three times is brought back, the fourth time the session is left suspended and says so', () => {
  const session = scenes.shown().quiet();
  for (let n = 0; n < 3; n += 1) {
    session.close(died, 10_000 * n);
    bringBack(session);
  }
  session.news();
  session.close(died, 35_000);
  session.ask('shown');
  session.show('server.suspended');
  expect(session.tags()).toEqual(['suspended']);
  expect(session.news()).toEqual([
    expect.objectContaining({
      type: 'session.suspended',
      from: 'running',
      by: 'me',
      failure: expect.objectContaining({ code: 'proxy.unstable' }),
    }),
  ]);
  expect(session.settled()).toEqual(['shown-1: proxy.unstable']);
  expect(session.said().at(-1)).toEqual({ type: 'session.owned', actor: 'child', owned: false });
  session.pass(60_000);
  expect(session.resumeAgent.calls).toHaveLength(3);
});

test('deaths far enough apart are forgotten', () => {
  const session = scenes.shown();
  for (let n = 0; n < 8; n += 1) {
    session.close(died, 20_001 * n);
    bringBack(session);
  }
});

test('a viewer that ended in order is not brought back: somebody suspended the session', () => {
  const session = scenes.shown().quiet();
  session.close();
  session.show('server.suspended');
  expect(session.told()).toEqual(['session.suspended running>suspended other']);
  expect(session.tags()).toEqual(['suspended']);
  expect(session.resumeAgent.calls).toEqual([]);
});

test('where nothing is to be brought back a viewer that died leaves its session suspended', () => {
  const session = scenes.shown().quiet();
  session.child.getSnapshot().context.recover = false;
  session.close(died);
  session.show('server.suspended');
  expect(session.told()).toEqual(['session.suspended running>suspended other']);
});

test('taken over elsewhere it is not fought for', () => {
  const session = scenes.shown().quiet();
  session.close();
  session.ask('shown');
  for (let n = 1; n < 5; n += 1) {
    session.show({ type: 'server.running', stint: 'theirs' });
    expect(session.told()).toEqual([]);
    session.pass(1_000);
  }
  session.show({ type: 'server.running', stint: 'theirs' });
  expect(session.told()).toEqual([
    'session.suspended running>suspended other',
    'session.resumed suspended>running other',
  ]);
  expect(session.settled()).toEqual(['shown-1: session.takenOver']);
  expect(session.said().at(-1)).toMatchObject({ owned: false });
  session.show({ type: 'server.running', stint: 'theirs' });
  session.pass(60_000);
  expect(session.told()).toEqual([]);
  expect(session.endAgent.calls).toEqual([]);
});

test('suspended against what the viewer shows: it is asked once more, then the viewer is closed', () => {
  const session = scenes.shown().quiet();
  session.show('server.suspending', 'server.suspended');
  expect(session.looked()).toBe(1);
  expect(session.attachment.last.heard).toEqual([]);
  session.show('server.suspended');
  expect(session.attachment.last.heard).toEqual([{ type: 'attachment.close' }]);
  session.close();
  session.show('server.suspended');
  expect(session.told()).toEqual(['session.suspended running>suspended other']);
});

test('a mistake about that is none: it runs and the viewer is there', () => {
  const session = scenes.shown().quiet();
  session.show('server.suspended', { type: 'server.running', stint: 'ours' });
  session.close(died);
  session.show('server.suspended');
  expect(session.told()).toEqual(['session.recovering running>recovering other']);
});

test('what shows it crashed: that is as good as a viewer that died', () => {
  const session = scenes.shown().quiet();
  session.attachment.last.crash();
  expect(session.context().attached).toBe(false);
  bringBack(session);
});

test.each(['calling', 'recalling'] as const)(
  '%s: the ports of a resume are where its viewer goes',
  (scene) => {
    const session = scenes[scene]();
    session.resumeAgent.last.answer(gave({ ...agentPorts, graphics: 31_000 }, 77));
    expect(session.attachment.last.input.ports.graphics).toBe(31_000);
  },
);

test('a resume that is refused for good is not repeated', () => {
  const session = scenes.recalling().quiet();
  session.resumeAgent.last.answer(refused(failure('session.ended', false)));
  expect(session.tags()).toEqual(['suspending']);
  session.pass(60_000);
  expect(session.resumeAgent.calls).toHaveLength(1);
});
