import { describe, expect, test } from 'vitest';
import { X2GoError } from '../../src/errors.js';
import type { Viewer } from '../../src/index.js';
import { fastClock } from '../support/fastClock.js';
import { guard } from '../support/guard.js';
import { expectNothingShown, type Life, live, story } from '../support/life.js';
import { soon } from '../support/real/bounds.js';
import { eventually, pause } from '../support/until.js';

/** ssh2's keepalives know no clock but the real one: a fast guardian must not take their pace for silence. */
const unhurried = { degradedAfter: 1_000_000, lostAfter: 2_000_000 };
const fast = (factor: number) => ({ clock: fastClock(factor), timing: unhurried });

const isBack = ({ log, viewer }: Life, session: string, after = 0) =>
  log
    .until('session.resumed', (record) => record.session === session && record.by === 'me', {
      after,
      within: soon(15_000),
    })
    .then(() => expect(viewer.shows).toEqual([session]));
const until = (what: string, holds: () => boolean) => eventually(what, holds, soon(15_000));

describe.concurrent('a viewer', () => {
  test('FAULTS 11: that dies is brought back three times in a minute, then the session is suspended', async () => {
    await using life = await live();
    const session = await life.start();
    for (let crash = 1; crash <= 3; crash++) {
      const after = life.log.length;
      life.viewer.crash();
      await isBack(life, session.id, after);
      expect(life.served('resume')).toBe(crash);
    }
    life.viewer.crash();
    const { failure, by } = await life.log.until('session.suspended', undefined, { within: soon(15_000) });
    expect({ code: failure?.code, by }).toEqual({ code: 'proxy.unstable', by: 'me' });
    expect(session.state).toBe('suspended');
    await until('it sleeps there', () => life.emulator.sessions.get(session.id).state === 'SUSPENDED');
    await pause(1_500);
    expect(life.served('resume')).toBe(3);
    expect(story(life, session.id)).toEqual([
      'registered',
      'started',
      ...['recovering', 'resumed', 'recovering', 'resumed', 'recovering', 'resumed'],
      'suspended',
    ]);
    // Who wants it once more gets it.
    await session.resume({ sound: false });
    expect(life.viewer.shows).toEqual([session.id]);
  });

  test('FAULTS 14: that never shows anything is given up, and the start with it', async () => {
    await using life = await live(fast(10));
    life.viewer.fault = 'neverUp';
    await expect(life.start()).rejects.toMatchObject({
      code: 'proxy.failed',
      message: expect.stringContaining('no picture within 20 s'),
    });
    await until('nothing of it lives', () => life.living().length === 0);
    expect(life.log.all('session.failed')).toMatchObject([{ failure: { code: 'proxy.failed' } }]);
    await expectNothingShown(life);
  });

  test.each<[string, (failure: Error) => Viewer]>([
    [
      'throws',
      (failure) => () => {
        throw failure;
      },
    ],
    [
      'rejects',
      (failure) => () => {
        const up = Promise.reject(failure);
        up.catch(() => undefined);
        return { up, ended: Promise.resolve(), end: () => undefined };
      },
    ],
  ])('FAULTS 13: that is missing (it %s) is not tried again', async (_, broken) => {
    let calls = 0;
    const view = broken(new X2GoError('proxy.missing', 'There is no program at /opt/viewer'));
    const viewer: Viewer = (request) => {
      calls++;
      return view(request);
    };
    await using life = await live({ viewer });
    await expect(life.start()).rejects.toMatchObject({
      code: 'proxy.missing',
      message: expect.stringContaining('/opt/viewer'),
    });
    await until('nothing of it lives', () => life.living().length === 0);
    expect(calls).toBe(1);
  });

  test('FAULTS 12: whose agent reads nothing is warned of; when it reads again nothing is replaced', async () => {
    await using life = await live(fast(10));
    const session = await life.start();
    life.emulator.faults.deafAgents();
    life.viewer.send(session.id, Buffer.alloc(4_000_000));
    const warned = await life.log.until('proxy.stalled', undefined, { within: soon(15_000) });
    expect(warned.forMs).toBeGreaterThanOrEqual(10_000);
    await life.emulator.faults.heal();
    await pause(2_500);
    expect(story(life, session.id)).toEqual(['registered', 'started']);
    expect(life.viewer.shows).toEqual([session.id]);
  });

  test('FAULTS 12: that reads nothing is warned of at 10 s and replaced by 30 s', async () => {
    await using life = await live(fast(10));
    const session = await life.start();
    life.viewer.freeze(session.id);
    const bytes = Buffer.alloc(64 * 1024);
    const filling = setInterval(() => life.viewer.send(session.id, bytes), 5);
    try {
      const warned = await life.log.until('proxy.stalled', undefined, { within: soon(15_000) });
      expect(warned).toMatchObject({ session: session.id });
      expect(warned.forMs).toBeGreaterThanOrEqual(10_000);
      expect(warned.forMs).toBeLessThan(20_000);
      await life.log.until('session.recovering', ({ failure }) => failure.code === 'proxy.stalled', {
        within: soon(15_000),
      });
    } finally {
      clearInterval(filling);
    }
    await isBack(life, session.id);
  });
});

describe.concurrent('a line that breaks', () => {
  test.each<[string, (life: Life) => unknown]>([
    ['FAULTS 16: is closed', ({ emulator }) => emulator.faults.close()],
    ['FAULTS 17: is reset', ({ emulator }) => emulator.faults.reset()],
    [
      'FAULTS 18: ends in the middle of a packet',
      ({ emulator, viewer, log }) => {
        emulator.faults.dropAfter(1_003);
        const [session] = log.all('session.started');
        viewer.send(session?.session ?? '', Buffer.alloc(4_000));
      },
    ],
  ])('%s: the session is brought back under its name', async (_, cut) => {
    await using life = await live();
    const session = await life.start();
    void cut(life);
    const recovering = await life.log.until('session.recovering');
    expect(recovering).toMatchObject({
      session: session.id,
      state: 'recovering',
      failure: { code: 'ssh.closed' },
    });
    await isBack(life, session.id);
    expect(story(life, session.id)).toEqual(['registered', 'started', 'recovering', 'resumed']);
    expect(life.emulator.connections).toBe(1);
    expect(life.running()).toHaveLength(1);
    await life.guardian.stop();
    expect(life.emulator.tunnels).toBe(0);
  });

  test.each<[string, (life: Life) => void]>([
    ['before x2gostartagent begins', ({ emulator }) => emulator.faults.cut('start')],
    ['in what x2gostartagent prints', ({ emulator }) => emulator.faults.cut('x2gostartagent', 50)],
    [
      'when it has its name',
      ({ guardian, emulator }) => onceOn(guardian, 'session.registered', () => void emulator.faults.reset()),
    ],
    [
      'when its viewer comes',
      ({ guardian, emulator }) => onceOn(guardian, 'proxy.started', () => void emulator.faults.close()),
    ],
    ['before its command', ({ emulator }) => emulator.faults.cut('run')],
  ])(
    'in the middle of a start, %s: it is started anew, and nothing is left of the first',
    async (_, plant) => {
      await using life = await live();
      plant(life);
      life.guardian.on('profile.lost', () => void life.emulator.faults.heal());
      const session = await life.start();
      expect(session.state).toBe('running');
      expect(life.viewer.shows).toEqual([session.id]);
      expect(life.emulator.sessions.get(session.id).commands).toEqual(['xterm']);
      await until('one is left', () => life.living().length === 1);
      const report = await life.guardian.stop();
      expect(life.running()).toEqual([]);
      expect(report.filter(({ outcome }) => outcome === 'failed')).toEqual([]);
    },
  );

  test.each<[string, (life: Life) => void]>([
    ['before x2goresume-session begins', ({ emulator }) => emulator.faults.cut('resume')],
    ['in what it prints', ({ emulator }) => emulator.faults.cut('x2goresume-session', 20)],
    [
      'when its viewer comes',
      ({ guardian, emulator }) => onceOn(guardian, 'proxy.started', () => void emulator.faults.reset()),
    ],
  ])('in the middle of a resume, %s: it is brought back', async (_, plant) => {
    await using life = await live();
    const session = await life.start();
    await session.suspend();
    plant(life);
    life.guardian.on('profile.lost', () => void life.emulator.faults.heal());
    await session.resume({ sound: false });
    expect(session.state).toBe('running');
    expect(life.viewer.shows).toEqual([session.id]);
    expect(life.running()).toHaveLength(1);
  });

  test('in the middle of a suspend: it is suspended all the same', async () => {
    await using life = await live();
    const session = await life.start();
    const suspended = session.suspend();
    await life.emulator.faults.reset();
    await suspended;
    expect(session.state).toBe('suspended');
    await until('it sleeps there', () => life.running().length === 0);
    expect(life.log.all('session.recovering')).toEqual([]);
    expect(life.served('resume')).toBe(0);
  });

  test('in the middle of a terminate: it is asked again', async () => {
    await using life = await live();
    const session = await life.start();
    life.emulator.faults.hang('terminate');
    const terminated = session.terminate();
    await until('it is asked', () => life.served('terminate') === 1);
    await life.emulator.faults.heal();
    await life.emulator.faults.reset();
    await terminated;
    expect(life.living()).toEqual([]);
  });

  test('with recoverSessions off leaves the session to whoever wants it', async () => {
    await using life = await live({ recoverSessions: false });
    const session = await life.start();
    await life.emulator.faults.reset();
    await life.log.until('profile.connected', undefined, { after: life.log.length });
    await life.log.until('session.suspended');
    expect(story(life, session.id)).toEqual(['registered', 'started', 'suspended']);
    await expectNothingShown(life);
    expect(life.served('resume')).toBe(0);
    await session.resume({ sound: false });
    expect(life.viewer.shows).toEqual([session.id]);
  });

  test('FAULTS 22: a stall that heals leaves the session alone', async () => {
    await using life = await live();
    const session = await life.start();
    life.emulator.faults.silence();
    await life.log.until('profile.degraded');
    await life.emulator.faults.heal();
    await life.log.until('profile.recovered');
    expect(story(life, session.id)).toEqual(['registered', 'started']);
    expect(life.viewer.shows).toEqual([session.id]);
    expect(life.emulator.connectionsAccepted).toBe(1);
    const before = life.viewer.received;
    life.viewer.send(session.id, Buffer.from('still there'));
    await until('it answers', () => life.viewer.received === before + 11);
  });
});

const onceOn = (
  guardian: Life['guardian'],
  event: 'session.registered' | 'proxy.started',
  then: () => void,
) => {
  const off = guardian.on(event, () => {
    off();
    then();
  });
};

describe.concurrent('FAULTS 45: what others do with a session of ours is not fought', () => {
  const elsewhere: readonly [string, (life: Life, session: string) => void, readonly string[], string][] = [
    ['suspended', ({ emulator }, session) => emulator.sessions.suspend(session), ['suspended'], 'suspended'],
    [
      'terminated',
      ({ emulator }, session) => emulator.sessions.terminate(session),
      ['terminated'],
      'terminated',
    ],
    [
      'taken over',
      ({ emulator }, session) => emulator.sessions.takeOver(session, { client: '192.0.2.7' }),
      ['suspended', 'resumed'],
      'running',
    ],
    [
      'ended by its application',
      ({ emulator }, session) => emulator.sessions.endApplication(session),
      ['terminated'],
      'terminated',
    ],
  ];
  test.each(elsewhere)('%s', async (_, act, told, state) => {
    await using life = await live();
    const session = await life.start();
    act(life, session.id);
    await until('it is told', () => story(life, session.id).length === 2 + told.length);
    expect(story(life, session.id).slice(2)).toEqual(told);
    expect(life.log.seen.flatMap(({ record }) => ('by' in record ? [record.by] : [])).slice(2)).toEqual(
      told.map(() => 'other'),
    );
    await expectNothingShown(life);
    await pause(2_500);
    expect(session.state).toBe(state);
    expect(story(life, session.id)).toHaveLength(2 + told.length);
    expect([life.served('resume'), life.served('suspend'), life.served('terminate')]).toEqual([0, 0, 0]);
    const report = await life.guardian.stop();
    expect(report.filter(({ kind }) => kind === 'session')).toEqual([]);
    if (state === 'running') expect(life.running()).toHaveLength(1);
  });

  test('FAULTS 15: an agent that is killed is told of, and its viewer goes', async () => {
    await using life = await live();
    const session = await life.start();
    life.emulator.sessions.killAgent(session.id);
    const { reason } = await life.log.until('session.terminated', undefined, { within: soon(5_000) });
    expect(reason).toBe('agentGone');
    await expectNothingShown(life);
    expect(life.served('resume')).toBe(0);
  });

  test('FAULTS 46: of two guardians the one that resumes has it, the other is told', async () => {
    await using life = await live();
    const session = await life.start();
    await using second = await guard({ office: life.emulator });
    const here = await second.guardian.resumeSession('office', session.id, { sound: false });
    expect(second.viewer.shows).toEqual([session.id]);
    await until('the first is told', () => story(life, session.id).length === 4);
    expect(story(life, session.id).slice(2)).toEqual(['suspended', 'resumed']);
    expect(life.viewer.shows).toEqual([]);
    await pause(2_500);
    expect(life.served('resume')).toBe(1);
    expect(here.state).toBe('running');
    await life.guardian.stop();
    expect(here.state).toBe('running');
    expect(life.running()).toHaveLength(1);
  });
});
