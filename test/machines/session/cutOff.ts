import { expect, test } from 'vitest';
import { lineGone, type OurSession } from '../support/ourSession.js';
import { failure } from '../support/rows.js';
import { aStart, scenes } from '../support/scenes.js';
import { gave, refused } from '../support/sessionPorts.js';

const cuts = {
  allocating: (s: OurSession) => s.startAgent.last.answer(refused(lineGone)),
  showing: (s: OurSession) => s.close({ how: 'cut', failure: lineGone }),
  commanding: (s: OurSession) => s.runCommand.last.answer(refused(lineGone)),
  unseen: (s: OurSession) => s.close({ how: 'cut', failure: lineGone }),
  picturing: (s: OurSession) => s.close({ how: 'cut', failure: lineGone }),
  withdrawing: (s: OurSession) => s.withdraw.last.answer(refused(lineGone)),
};

test.each(Object.keys(cuts) as (keyof typeof cuts)[])(
  '%s: what breaks off with its channel is no failure before it is known whether the line broke',
  (scene) => {
    for (const lost of [true, false]) {
      const session = scenes[scene]();
      const before = session.withdraw.calls.length;
      cuts[scene](session);
      session.show('server.unlisted', 'server.gone');
      expect(session.tags()).toEqual(['starting']);
      expect(session.withdraw.live).toEqual([]);
      if (lost) session.lose();
      session.pass(950);
      if (lost) session.heal();
      expect(session.withdraw.calls).toHaveLength(before + (lost && scene !== 'commanding' ? 1 : 0));
      session.pass(50);
      if (scene === 'commanding') session.close({ how: 'cut' });
      expect(session.withdraw.live).toHaveLength(1);
      expect(session.settled()).toEqual([]);
    }
  },
);

test('a call that is cut off again and again while the line stands is a failure', () => {
  const session = aStart();
  for (let n = 0; n < 2; n += 1) {
    session.startAgent.last.answer(refused(lineGone));
    session.pass(1_000);
    session.withdraw.last.answer(gave(undefined));
  }
  session.startAgent.last.answer(refused(lineGone));
  session.withdraw.last.answer(gave(undefined));
  expect(session.settled()).toEqual(['start-1: ssh.closed']);
});

test.each(['answer', 'crash'] as const)(
  'a withdrawal that fails (%s) leaves what may live on there in the report',
  (how) => {
    for (const wasCalledOff of [true, false]) {
      const session = wasCalledOff ? scenes.allocating() : scenes.withdrawing();
      if (wasCalledOff) session.leave('suspend');
      session.said();
      if (how === 'crash') session.withdraw.last.crash();
      else session.withdraw.last.answer(refused(failure('command.timedOut', true)));
      const own = how === 'crash' ? 'unexpected' : 'command.timedOut';
      expect(session.settled()).toEqual([`start-1: ${wasCalledOff ? own : 'agent.failed'}`]);
      expect(session.said()).toEqual([
        { type: 'session.owned', actor: 'child', owned: false, left: expect.objectContaining({ code: own }) },
      ]);
      expect(session.end()).toEqual({ output: undefined });
    }
  },
);
