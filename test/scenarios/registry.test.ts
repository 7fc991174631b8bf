import { describe, expect, test } from 'vitest';
import { startEmulator } from '../../src/emulator/index.js';
import { everyFlag, guard } from '../support/guard.js';
import { eventually, pause } from '../support/until.js';

const polled = { ...everyFlag, refreshInterval: 100, stateWatch: false } as const;
const watched = {
  ...everyFlag,
  refreshInterval: 1_000,
  timing: { watchPace: 50, watchBusyPace: 25 },
} as const;

describe.concurrent('the registry', () => {
  test.each([
    ['polled', polled],
    ['watched', watched],
  ])(
    'tells each change of another client once, none lost or doubled in 20 rounds (%s)',
    { timeout: 60_000 },
    async (_, how) => {
      await using server = await startEmulator();
      await using guarded = await guard({ office: server }, how);
      const { log } = guarded;
      await log.until('profile.connected');
      await pause(150);
      for (let round = 0; round < 20; round++) {
        const after = log.length;
        const session = server.sessions.start({ kind: round % 2 ? 'desktop' : 'application' });
        const here = { after, within: 5_000 };
        const isIt = (record: { session: string }) => record.session === session;
        expect(await log.until('session.registered', isIt, here)).toMatchObject({ by: 'other' });
        server.sessions.suspend(session);
        await log.until('session.suspended', isIt, here);
        server.sessions.resume(session);
        await log.until('session.resumed', isIt, here);
        server.sessions.terminate(session);
        await log.until('session.terminated', isIt, here);
        const told = log.seen
          .slice(after)
          .flatMap(({ record }) => ('session' in record && record.session === session ? [record.event] : []));
        expect(told).toEqual([
          'session.registered',
          'session.suspended',
          'session.resumed',
          'session.terminated',
        ]);
      }
      expect(log.names().filter((name) => name.startsWith('session.'))).toHaveLength(80);
    },
  );

  test('what ran before we came is found, what comes later is by others, after a reconnect too', async () => {
    await using server = await startEmulator();
    const before = server.sessions.start();
    await using guarded = await guard({ office: server }, polled);
    const { log } = guarded;
    expect(await log.until('session.registered')).toMatchObject({ session: before, by: 'found' });
    await server.faults.refuse();
    await log.until('profile.lost');
    const meanwhile = server.sessions.start();
    await server.faults.heal();
    const { by } = await log.until('session.registered', ({ session }) => session === meanwhile);
    expect(by).toBe('other');
    expect(log.all('session.registered')).toHaveLength(2);
  });

  test('a takeover is told as a suspension and a resumption', async () => {
    await using server = await startEmulator();
    const session = server.sessions.start({ client: '10.0.0.1' });
    await using guarded = await guard({ office: server }, polled);
    const { log } = guarded;
    await log.until('session.registered');
    server.sessions.takeOver(session, { client: '10.0.0.2' });
    await log.until('session.resumed');
    await pause(300);
    expect(log.names().filter((name) => name.startsWith('session.'))).toEqual([
      'session.registered',
      'session.suspended',
      'session.resumed',
    ]);
  });

  test('an agent that was killed ends its session, by the watch too', async () => {
    await using server = await startEmulator();
    for (const how of [polled, watched]) {
      const session = server.sessions.start();
      await using guarded = await guard({ office: server }, how);
      const { log } = guarded;
      await log.until('session.registered', (record) => record.session === session);
      await eventually('the watch is open, if there is one', () => log.length > 4);
      server.sessions.killAgent(session);
      const gone = await log.until('session.terminated');
      expect(gone).toMatchObject({ session, reason: 'agentGone', by: 'other' });
    }
  });

  test('pause and resume of registration are for one profile', async () => {
    await using office = await startEmulator();
    await using home = await startEmulator();
    await using guarded = await guard({ office, home }, polled);
    const { guardian, log } = guarded;
    for (const id of ['office', 'home'])
      await log.until('profile.connected', ({ profile }) => profile === id);
    const kept = office.sessions.start();
    await log.until('session.registered', ({ session }) => session === kept);
    guardian.pauseRegistration('office');
    const missed = office.sessions.start();
    const other = home.sessions.start();
    await log.until('session.registered', ({ session, profile }) => session === other && profile === 'home');
    await pause(400);
    expect(log.all('session.registered').map(({ session }) => session)).toEqual([kept, other]);
    // What is registered is still followed.
    office.sessions.suspend(kept);
    await log.until('session.suspended', ({ session }) => session === kept);
    guardian.resumeRegistration('office');
    await log.until('session.registered', ({ session }) => session === missed);
  });

  test('a session that ended is not registered again while it is still listed', async () => {
    await using server = await startEmulator();
    const session = server.sessions.start();
    await using guarded = await guard({ office: server }, polled);
    const { log } = guarded;
    await log.until('session.registered');
    server.sessions.killAgent(session);
    await log.until('session.terminated');
    await pause(500);
    expect(server.sessions.get(session).listed).toBe(true);
    expect(log.names().filter((name) => name.startsWith('session.'))).toEqual([
      'session.registered',
      'session.terminated',
    ]);
  });
});
