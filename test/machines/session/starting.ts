import { expect, test } from 'vitest';
import { died, ourSession } from '../support/ourSession.js';
import { row, sid } from '../support/rows.js';
import { aStart, scenes, theirs, xterm } from '../support/scenes.js';
import { agentPorts, gave, made } from '../support/sessionPorts.js';

const desktop = { user: 'bob', display: 50 };

test('a start goes from the agent to the picture to the command, and says each step and how long it took', () => {
  const session = aStart(xterm, { start: { operation: 'start-1', order: xterm, at: 100 } });
  expect(session.tags()).toEqual(['starting']);
  expect(session.said()).toEqual([{ type: 'session.owned', actor: 'child', owned: true }]);
  expect(session.startAgent.last.input).toEqual({
    profile: 'office',
    operation: 'start-1',
    order: xterm,
    deadlineMs: 30_000,
  });
  session.startAgent.last.answer(gave(made(1), 3_100));
  expect(session.said()).toEqual([{ type: 'session.named', actor: 'child', record: made(1) }]);
  expect(session.attachment.last.input).toEqual({
    profile: 'office',
    session: sid(1),
    display: 1,
    ports: agentPorts,
    presentation: xterm,
  });
  const { tell } = session.attachment.last;
  tell({ type: 'attachment.progress', phase: 'tunnel', at: 3_150 });
  tell({ type: 'attachment.progress', phase: 'proxy', at: 3_200 });
  tell({ type: 'attachment.progress', phase: 'picture', at: 3_900 });
  session.paint(true);
  expect(session.runCommand.last.input).toEqual({
    profile: 'office',
    session: sid(1),
    display: 1,
    agentPid: 1_001,
    soundPort: agentPorts.sound,
    sound: true,
    order: xterm,
    deadlineMs: 15_000,
  });
  expect(session.settled()).toEqual([]);
  session.runCommand.last.answer(gave(undefined, 4_100));
  expect(session.settled()).toEqual(['start-1: ok']);
  expect(session.tags()).toEqual(['running']);
  const facts = session.news();
  expect(facts.map(({ type }) => type)).toEqual([
    'session.progress',
    'session.registered',
    'session.progress',
    'session.progress',
    'session.progress',
    'session.progress',
    'session.started',
  ]);
  expect(facts.flatMap((fact) => (fact.type === 'session.progress' ? [fact.percent] : []))).toEqual([
    20, 40, 60, 80, 100,
  ]);
  expect(facts[1]).toMatchObject({ from: 'virgin', state: 'starting', by: 'me', session: sid(1) });
  expect(facts.at(-1)).toMatchObject({
    from: 'starting',
    state: 'running',
    by: 'me',
    tookMs: 4_000,
    phases: { agent: 3_000, tunnel: 50, proxy: 50, picture: 700, command: 200 },
  });
  // Its first window is on its way: nothing is asked of the server beside it.
  session.pass(1_999);
  expect(session.looked()).toBe(0);
  session.pass(1);
  expect(session.looked()).toBe(1);
  expect(session.said()).toEqual([{ type: 'session.settled', actor: 'child' }]);
});

test('a shared desktop runs no command, and its owner has five minutes to say yes', () => {
  const session = aStart({ kind: 'shadow', desktop, mode: 'view' });
  expect(session.startAgent.last.input.deadlineMs).toBe(300_000);
  session.startAgent.last.answer(gave(made(1, { kind: 'shadow' })));
  session.paint();
  expect(session.runCommand.calls).toEqual([]);
  expect(session.settled()).toEqual(['start-1: ok']);
  expect(session.tags()).toEqual(['running']);
});

test.each([true, false])(
  'a command is executed beside the picture once it is known to have sound (%s)',
  (sound) => {
    const session = scenes.showing();
    session.sound(sound);
    expect(session.runCommand.last.input.sound).toBe(sound);
    session.paint(sound);
    expect(session.tags()).toEqual(['starting']);
    session.runCommand.last.answer(gave(undefined));
    expect(session.settled()).toEqual(['start-1: ok']);
    expect(session.runCommand.calls).toHaveLength(1);
  },
);

test('a command that is executed before there is a picture has taken no time of its own', () => {
  const session = scenes.picturing().quiet();
  session.attachment.last.tell({ type: 'attachment.progress', phase: 'picture', at: 3_900 });
  expect(session.settled()).toEqual([]);
  session.attachment.last.tell({ type: 'attachment.shown', sound: true, at: 3_900 });
  expect(session.settled()).toEqual(['start-1: ok']);
  const facts = session.news();
  expect(facts.flatMap((fact) => (fact.type === 'session.progress' ? [fact.percent] : []))).toEqual([
    80, 100,
  ]);
  expect(facts.at(-1)).toMatchObject({ type: 'session.started', phases: { command: 0 } });
});

test('without a word about the sound the command waits for the picture, and has none', () => {
  const session = scenes.showing();
  expect(session.runCommand.calls).toEqual([]);
  session.paint(false);
  expect(session.runCommand.last.input.sound).toBe(false);
});

test('a viewer that ends while the command is executed is asked about when that is done', () => {
  const session = scenes.commanding();
  session.close(died);
  expect(session.tags()).toEqual(['starting']);
  session.runCommand.last.answer(gave(undefined));
  expect(session.settled()).toEqual(['start-1: ok']);
  session.show('server.suspended');
  expect(session.tags()).toEqual(['recovering']);
});

test("somebody else's start can be ended, and nothing else can be asked of it", () => {
  const session = theirs('server.starting');
  session.ask('shown');
  session.ask('suspended');
  expect(session.settled()).toEqual(['shown-1: session.notAllowed', 'suspended-1: session.notAllowed']);
  session.ask('terminated');
  expect(session.endAgent.last.input.how).toBe('terminate');
});

test('what the listing shows of it later is remembered', () => {
  const session = ourSession({ record: row(1), by: 'found' });
  session.send({ type: 'session.listed', record: made(1, { agentPid: 77 }) } as { type: string });
  expect(session.context().record).toEqual(made(1, { agentPid: 77 }));
});

test('a fact of what shows it goes on to its profile as it is', () => {
  const session = scenes.showing().quiet();
  const fact = { type: 'proxy.started', profile: 'office', session: sid(1), pid: 7 } as const;
  session.attachment.last.tell({ type: 'fact.reported', fact });
  expect(session.news()).toEqual([fact]);
});
