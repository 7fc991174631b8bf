import { describe, expect, test } from 'vitest';
import { expectNothingLeft } from '../support/leaks.js';
import { type Life, live } from '../support/life.js';
import { soon } from '../support/real/bounds.js';
import { eventually } from '../support/until.js';

const isSuspended = ({ emulator }: Life, session: string) =>
  eventually(`${session} to be suspended there`, () => emulator.sessions.get(session).state === 'SUSPENDED');

describe.concurrent('a session of ours', () => {
  test('is started phase by phase, and says how long each took', async () => {
    await using life = await live();
    const { log, emulator } = life;
    const session = await life.start({ kind: 'desktop', command: 'openbox-session', geometry: '800x600' });
    const progress = log.all('session.progress');
    expect(progress.map(({ phase, percent }) => [phase, percent])).toEqual([
      ['agent', 20],
      ['tunnel', 40],
      ['proxy', 60],
      ['picture', 80],
      ['command', 100],
    ]);
    expect(new Set(progress.map(({ operation }) => operation)).size).toBe(1);
    expect(progress.every((record) => record.session === undefined || record.session === session.id)).toBe(
      true,
    );
    const story = log.names().filter((name) => /^(session\.(?!progress)|tunnel|proxy)/.test(name));
    expect(story).toEqual(['session.registered', 'tunnel.opened', 'proxy.started', 'session.started']);

    const [started] = log.all('session.started');
    expect(started).toMatchObject({ profile: 'office', session: session.id, by: 'me', state: 'running' });
    expect(Object.keys(started?.phases ?? {})).toEqual(['agent', 'tunnel', 'proxy', 'picture', 'command']);
    const sum = Object.values(started?.phases ?? {}).reduce((total, ms) => total + ms, 0);
    expect(Math.abs(sum - (started?.tookMs ?? 0))).toBeLessThanOrEqual(5);

    expect(session.state).toBe('running');
    expect(session.inspect()).toMatchObject({ ours: true, state: 'running', profile: 'office' });
    expect(emulator.sessions.get(session.id)).toMatchObject({
      state: 'RUNNING',
      shown: true,
      commands: ['openbox-session'],
    });
    expect(life.viewer.shows).toEqual([session.id]);
  });

  test('is suspended, resumed and terminated, as the server says', async () => {
    await using life = await live();
    const { log, emulator, viewer } = life;
    const session = await life.start();
    await session.suspend();
    expect(session.state).toBe('suspended');
    expect(emulator.sessions.get(session.id)).toMatchObject({ state: 'SUSPENDED', shown: false });
    // Its state file says so first, the listing after that.
    await eventually('the row to say so', () => emulator.sessions.list()[0]?.status === 'S', soon(5_000));
    expect(viewer.shows).toEqual([]);

    await session.resume({ sound: false });
    expect(session.state).toBe('running');
    expect(viewer.shows).toEqual([session.id]);
    expect(emulator.sessions.get(session.id).shown).toBe(true);

    await session.terminate();
    expect(session.state).toBe('terminated');
    expect(life.living()).toEqual([]);
    const story = log.names().filter((name) => /^session\.(?!progress)/.test(name));
    expect(story).toEqual(
      ['registered', 'started', 'suspended', 'resumed', 'terminated'].map((verb) => `session.${verb}`),
    );
    expect(log.seen.flatMap(({ record }) => ('by' in record ? [record.by] : []))).toEqual([
      'me',
      'me',
      'me',
      'me',
      'me',
    ]);
    await expectNothingLeftOf(life);
  });

  test('that is asked for twice is asked once', async () => {
    await using life = await live();
    const session = await life.start();
    await Promise.all([session.suspend(), session.suspend()]);
    expect(life.served('suspend')).toBeLessThanOrEqual(1);
    expect(life.log.all('session.suspended')).toHaveLength(1);

    await Promise.all([session.resume({ sound: false }), session.resume({ sound: false })]);
    expect(life.served('resume')).toBe(1);
    expect(life.log.all('session.resumed')).toHaveLength(1);
    await session.resume();
    expect(life.served('resume')).toBe(1);

    await Promise.all([session.terminate(), session.terminate()]);
    expect(life.served('terminate')).toBe(1);
    expect(life.log.all('session.terminated')).toHaveLength(1);
  });

  test('refuses what its state does not allow, by name and with what it allows', async () => {
    await using life = await live();
    life.viewer.fault = 'neverUp';
    const starting = life.start().catch((cause) => cause);
    const { session } = await life.log.until('session.registered');
    await expect(life.guardian.suspendSession('office', session)).rejects.toMatchObject({
      code: 'session.notAllowed',
      message: `cannot suspend ${session} while it is starting: it allows resume, terminate`,
    });
    await life.guardian.terminateSession('office', session);
    expect(await starting).toMatchObject({ code: 'call.aborted' });
    await expect(life.guardian.suspendSession('office', session)).rejects.toMatchObject({
      code: 'session.unknown',
    });
    expect(life.living()).toEqual([]);
  });

  test('a shared desktop cannot be suspended; its owner may refuse it', async () => {
    await using life = await live({ server: { features: ['X2GO_DESKTOPSHARING'] } });
    const desktop = { user: 'carol', display: 61 };
    const shared = await life.guardian.shareDesktop('office', { desktop, mode: 'view', sound: false });
    await expect(shared.suspend()).rejects.toMatchObject({
      code: 'session.notAllowed',
      message: expect.stringContaining('it allows resume, terminate'),
    });
    await shared.terminate();
    life.emulator.faults.denyShadow();
    await expect(life.guardian.shareDesktop('office', { desktop, mode: 'full' })).rejects.toMatchObject({
      code: 'session.denied',
    });
    expect(life.living()).toEqual([]);
  });

  test('goes over the one connection of its profile, with all the others', async () => {
    await using life = await live();
    const sessions = await Promise.all(Array.from({ length: 6 }, () => life.start()));
    expect(new Set(sessions.map(({ id }) => id)).size).toBe(6);
    expect(life.emulator.connections).toBe(1);
    expect(life.emulator.connectionsAccepted).toBe(1);
    expect([...life.viewer.shows].sort()).toEqual(sessions.map(({ id }) => id).sort());
    const report = await life.guardian.stop();
    expect(life.running()).toEqual([]);
    expect(life.living()).toHaveLength(6);
    expect(
      report
        .filter(({ kind }) => kind === 'session')
        .map(({ id, outcome }) => [id, outcome])
        .sort(),
    ).toEqual(sessions.map(({ id }) => [id, 'closed']).sort());
    await expectNothingLeft({ guardian: life.guardian, servers: [life.emulator] });
  });

  test.each(['before the start', 'after it'])('of others is resumed here: found %s', async (when) => {
    await using life = await live({ start: false });
    const early = life.emulator.sessions.start({ client: '192.0.2.17' });
    await life.guardian.start();
    await life.log.until('profile.connected');
    const session = when === 'after it' ? life.emulator.sessions.start({ client: '192.0.2.17' }) : early;
    const handle = await life.guardian.resumeSession('office', session, { sound: false });
    expect(handle.state).toBe('running');
    expect(life.viewer.shows).toEqual([session]);
    await handle.suspend();
    await isSuspended(life, session);
    await expect(
      life.guardian.resumeSession('office', 'alice-99-1795371806_stRxterm_dp24'),
    ).rejects.toMatchObject({
      code: 'session.unknown',
    });
  });
});

const expectNothingLeftOf = async (life: Life) => {
  await eventually(
    'nothing is open for the session',
    () => life.guardian.open.every(({ kind }) => ['transport', 'timer', 'watch'].includes(kind)),
    soon(2_000),
  );
  expect(life.emulator.tunnels).toBe(0);
};
