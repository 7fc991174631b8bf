import { describe, expect, test } from 'vitest';
import { expectNothingShown, type Life, type LifeOptions, live, story } from '../support/life.js';
import { soon } from '../support/real/bounds.js';
import { eventually } from '../support/until.js';
import { warpedClock } from '../support/warpedClock.js';

const until = (what: string, holds: () => boolean) => eventually(what, holds, soon(15_000));

describe.concurrent('a start that the server does not grant', () => {
  test.each<[string, LifeOptions, (life: Life) => unknown, string]>([
    ['there are enough', {}, ({ emulator }) => emulator.faults.limitSessions(0), 'session.limit'],
    ['its agent dies', {}, ({ emulator }) => emulator.faults.agentDies(), 'agent.failed'],
    [
      'it has no such program',
      { server: { missingCommands: ['xterm'] } },
      () => undefined,
      'command.notFound',
    ],
    ['it forwards nothing', {}, ({ emulator }) => emulator.faults.refuseForwarding(), 'tunnel.denied'],
    [
      'it answers in other words',
      {},
      ({ emulator }) => emulator.faults.garbage('x2gostartagent', 'a\nb\n'),
      'command.garbled',
    ],
    ['X2Go is not there any more', {}, ({ emulator }) => emulator.faults.missing(), 'x2go.missing'],
  ])('since %s, fails by name and leaves nothing', async (_, options, plant, code) => {
    await using life = await live(options);
    await life.guardian.connect('office');
    plant(life);
    await expect(life.start()).rejects.toMatchObject({ code });
    expect(life.log.all('session.failed')).toMatchObject([{ by: 'me', failure: { code } }]);
    await until('nothing of it lives', () => life.living().length === 0);
    await expectNothingShown(life);
    const report = await life.guardian.stop();
    expect(report.filter(({ outcome }) => outcome !== 'closed')).toEqual([]);
  });

  test('since its agent dies when all seems well, leaves no row', async () => {
    await using life = await live();
    life.emulator.faults.agentDies('afterwards');
    // Whichever is seen first: that nobody listens there, or that the agent is gone.
    await expect(life.start()).rejects.toMatchObject({
      code: expect.stringMatching(/^(agent|tunnel)\.failed$/),
    });
    await until('nothing of it is left', () => life.living().length === 0);
    await expectNothingShown(life);
  });
});

describe.concurrent('an agent', () => {
  test.each(['first', 'all'] as const)(
    'T27: that outlives %s x2goterminate-session is ended',
    async (which) => {
      await using life = await live();
      const session = await life.start();
      life.emulator.faults.outliveTerminate(which);
      await session.terminate();
      expect(life.living()).toEqual([]);
      expect(life.log.all('session.failed')).toEqual([]);
      expect(story(life, session.id)).toEqual(['registered', 'started', 'terminated']);
    },
  );

  test('T27: that nothing ends is an orphan, and said to be one at the end too', async () => {
    await using life = await live({ timing: { orphanAfter: 500 } });
    const session = await life.start();
    life.emulator.faults.outliveTerminate('signals');
    await expect(session.terminate()).rejects.toMatchObject({ code: 'session.orphaned' });
    expect(session.state).toBe('faulty');
    expect(life.log.all('session.failed')).toMatchObject([
      { session: session.id, failure: { code: 'session.orphaned' } },
    ]);
    const report = await life.guardian.stop();
    expect(report.filter(({ kind }) => kind === 'session')).toMatchObject([
      { id: session.id, outcome: 'failed' },
    ]);
  });

  test('T27: that outlives the end of its start is told of', async () => {
    await using life = await live({ timing: { orphanAfter: 500 } });
    await life.guardian.connect('office');
    life.emulator.faults.outliveTerminate('signals');
    life.emulator.faults.refuseForwarding();
    await expect(life.start()).rejects.toMatchObject({ code: 'session.orphaned' });
    await life.log.until('session.failed', ({ failure }) => failure.code === 'session.orphaned');
    const report = await life.guardian.stop();
    expect(report.filter(({ kind }) => kind === 'session')).toMatchObject([{ outcome: 'failed' }]);
  });
});

describe.concurrent('x2goresume-session', () => {
  test('T3: that never returns ends at its deadline; the session sleeps on', async () => {
    // ssh2's keepalives know no clock but the real one.
    const unhurried = { degradedAfter: 1_000_000, lostAfter: 2_000_000 };
    const { clock, pace } = warpedClock();
    await using life = await live({ clock, timing: unhurried });
    const session = await life.start();
    await session.suspend();
    life.emulator.faults.hang('x2goresume-session');
    pace(40);
    const resumed = session.resume({ sound: false });
    await until('it is on its way', () => life.served('resume') === 1);
    pace(1);
    await expect(resumed).rejects.toMatchObject({ code: 'command.timedOut' });
    expect(life.served('kill')).toBe(1);
    await life.emulator.faults.heal();
    await until('it is known to sleep', () => session.state === 'suspended');
    expect(life.running()).toEqual([]);
    await session.resume({ sound: false });
    expect(life.viewer.shows).toEqual([session.id]);
  });

  test('that the server refuses leaves the session asleep and says why', async () => {
    await using life = await live();
    const session = await life.start();
    await session.suspend();
    life.emulator.sessions.killAgent(session.id);
    await expect(session.resume({ sound: false })).rejects.toMatchObject({ code: 'session.ended' });
    await until('it is gone', () => session.state === 'terminated');
    await expectNothingShown(life);
  });
});
