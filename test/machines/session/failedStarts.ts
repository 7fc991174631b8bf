import { expect, test } from 'vitest';
import { died, type OurSession } from '../support/ourSession.js';
import { failure, row, sid } from '../support/rows.js';
import { aStart, scenes } from '../support/scenes.js';
import { gave, refused } from '../support/sessionPorts.js';

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

test.each(['answered', 'refused'] as const)(
  'a viewer that ends before the picture ends the session; a command that is %s tells why',
  (how) => {
    const session = scenes.unseen().quiet();
    session.close();
    expect(session.endAgent.calls).toEqual([]);
    if (how === 'answered') session.runCommand.last.answer(gave(undefined));
    else session.runCommand.last.answer(refused(failure('command.notFound', false)));
    expect(session.endAgent.last.input.how).toBe('terminate');
    session.endAgent.last.answer(gave({ alive: false }));
    expect(session.settled()).toEqual([
      `start-1: ${how === 'answered' ? 'proxy.failed' : 'command.notFound'}`,
    ]);
  },
);

test('commanding: unlisted is no end yet; its viewer or its agent tell', () => {
  const session = scenes.commanding().quiet();
  session.show('server.unlisted');
  expect(session.tags()).toEqual(['starting']);
  session.show('server.gone');
  expect(session.attachment.last.heard.at(-1)).toEqual({ type: 'attachment.close' });
  session.close();
  expect(session.settled()).toEqual(['start-1: session.ended']);
  expect(session.told()).toEqual(['session.terminated terminating>terminated other']);
});

test.each(['showing', 'unseen', 'picturing'] as const)(
  '%s: an agent that ends without a picture has failed to start, and leaves no row',
  (scene) => {
    const session = scenes[scene]().quiet();
    session.show('server.unlisted');
    expect(session.tags()).toEqual(['starting']);
    session.show({ type: 'server.gone', reason: 'agentGone' });
    expect(session.endAgent.last.input).toMatchObject({ how: 'terminate' });
    session.endAgent.last.answer(gave({ alive: false }));
    expect(session.attachment.last.heard.at(-1)).toEqual({ type: 'attachment.close' });
    session.close();
    expect(session.settled()).toEqual(['start-1: agent.failed']);
    expect(session.told()).toEqual([
      'session.failed terminating>terminated me',
      'session.terminated terminating>terminated me',
    ]);
  },
);
