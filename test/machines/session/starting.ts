import { expect, test } from 'vitest';
import { died, type OurSession, ourSession } from '../support/ourSession.js';
import { failure, row, sid } from '../support/rows.js';
import { aStart, scenes, theirs, xterm } from '../support/scenes.js';
import { agentPorts, gave, made, refused } from '../support/sessionPorts.js';

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
  expect(session.looked()).toBe(1);
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

test('without sound the command is told so', () => {
  const session = scenes.showing();
  session.paint(false);
  expect(session.runCommand.last.input.sound).toBe(false);
});

test.each(['answer', 'crash'] as const)(
  'an agent that does not start (%s) is withdrawn, then the start is undone',
  (how) => {
    const session = aStart();
    if (how === 'crash') session.startAgent.last.crash();
    else session.startAgent.last.answer(refused(failure('session.limit', true)));
    expect(session.withdraw.last.input).toEqual({
      profile: 'office',
      operation: 'start-1',
      deadlineMs: 20_000,
    });
    expect(session.settled()).toEqual([]);
    session.withdraw.last.answer(gave(undefined));
    const code = how === 'crash' ? 'unexpected' : 'session.limit';
    expect(session.settled()).toEqual([`start-1: ${code}`]);
    expect(session.news()).toEqual([
      expect.objectContaining({ type: 'session.failed', from: 'starting', state: 'terminated', by: 'me' }),
    ]);
    expect(session.said().at(-1)).toEqual({ type: 'session.owned', actor: 'child', owned: false });
    expect(session.end()).toEqual({ output: undefined });
  },
);

test.each([
  ['a picture that does not come', (s: OurSession) => s.close(died), 'proxy.failed'],
  ['a viewer that ends without a word', (s: OurSession) => s.close(), 'proxy.failed'],
] as const)('%s ends the start: its agent is terminated, then it is told why', (_why, fail, code) => {
  const session = scenes.showing().quiet();
  fail(session);
  expect(session.tags()).toEqual(['terminating']);
  expect(session.endAgent.last.input).toMatchObject({ session: sid(1), how: 'terminate', agentPid: 1_001 });
  session.endAgent.last.answer(gave({ alive: false }));
  expect(session.settled()).toEqual([`start-1: ${code}`]);
  expect(session.told()).toEqual([
    'session.failed terminating>terminated me',
    'session.terminated terminating>terminated me',
  ]);
});

test('an agent without ports cannot be shown: it is terminated', () => {
  const session = aStart();
  session.startAgent.last.answer(gave(row(1)));
  expect(session.attachment.calls).toEqual([]);
  expect(session.endAgent.last.input.how).toBe('terminate');
});

test.each(['answer', 'crash'] as const)('a command that is not executed (%s) ends the session', (how) => {
  const session = scenes.commanding().quiet();
  if (how === 'crash') session.runCommand.last.crash();
  else session.runCommand.last.answer(refused(failure('command.notFound', false)));
  expect(session.endAgent.last.input.how).toBe('terminate');
  session.endAgent.last.answer(gave({ alive: false }));
  expect(session.attachment.last.heard.at(-1)).toEqual({ type: 'attachment.close' });
  expect(session.settled()).toEqual([]);
  session.close();
  expect(session.settled()).toEqual([how === 'crash' ? 'start-1: unexpected' : 'start-1: command.notFound']);
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

test.each(['showing', 'commanding'] as const)(
  '%s: unlisted is no end yet; its viewer or its agent tell',
  (scene) => {
    const session = scenes[scene]().quiet();
    session.show('server.unlisted');
    expect(session.tags()).toEqual(['starting']);
    session.show('server.gone');
    expect(session.attachment.last.heard.at(-1)).toEqual({ type: 'attachment.close' });
    session.close();
    expect(session.settled()).toEqual(['start-1: session.ended']);
    expect(session.told()).toEqual(['session.terminated terminating>terminated other']);
  },
);

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
