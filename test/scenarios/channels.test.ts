import { describe, expect, test } from 'vitest';
import { startEmulator } from '../../src/emulator/index.js';
import { startDeafServer } from '../support/deafServer.js';
import { everyFlag, guard } from '../support/guard.js';
import { eventually } from '../support/until.js';

const quick = { refreshInterval: 100, timing: { desktopsInterval: 100, watchPace: 50, watchRest: 100 } };

describe.concurrent('channels', () => {
  test.each([1, 2, 3])('FAULTS 30: MaxSessions %i queues what is wanted and harms no line', async (limit) => {
    await using server = await startEmulator();
    server.faults.refuseChannels(limit);
    const session = server.sessions.start();
    await using guarded = await guard({ office: server }, { ...everyFlag, ...quick });
    const { log } = guarded;
    await log.until('session.registered');
    for (const cache of ['sessions', 'desktops', 'mounts']) {
      await log.until('cache.refreshed', (record) => record.cache === cache);
    }
    server.sessions.suspend(session);
    await log.until('session.suspended');
    // Not once only: what was refused a channel does not give up.
    const settled = log.length;
    await log.until('cache.refreshed', ({ cache }) => cache === 'desktops', { after: settled });
    await log.until('cache.refreshed', ({ cache }) => cache === 'sessions', { after: settled });
    expect(log.names()).not.toContain('profile.lost');
    expect(log.all('cache.failed', settled)).toEqual([]);
    expect([server.connections, server.connectionsAccepted]).toEqual([1, 1]);
  });

  test.each(['forwarded-tcpip', 'x11', 'session', 'auth-agent'] as const)(
    'FAULTS 52: unrequested channels (%s) are refused and the connection lives',
    async (kind) => {
      await using server = await startEmulator();
      await using guarded = await guard({ office: server }, { ...everyFlag, ...quick });
      const { log } = guarded;
      await log.until('profile.connected');
      expect(await server.faults.openChannels(1_000, kind)).toEqual({ accepted: 0, refused: 1_000 });
      await log.until('cache.refreshed', undefined, { after: log.length });
      await eventually('no channel of theirs is open', () => server.channels <= 8);
      expect(log.names()).not.toContain('profile.lost');
    },
  );

  test('FAULTS 36: a channel request that is never answered ends at the deadline of the listing', async () => {
    await using server = await startDeafServer();
    await using guarded = await guard(
      { office: server },
      { ...everyFlag, identifyServers: false, stateWatch: false, timing: { listingDeadline: 300 } },
    );
    const { guardian, log } = guarded;
    const { failure } = await log.until('cache.failed', ({ cache }) => cache === 'sessions', {
      within: 3_000,
    });
    expect(failure.code).toBe('command.timedOut');
    // What is granted too late is closed at once.
    expect(server.asked).toBeGreaterThan(0);
    server.grant();
    await eventually('nothing is open there but a desktop listing', () => server.granted <= 1);
    const before = performance.now();
    await guardian.stop();
    expect(performance.now() - before).toBeLessThan(2_000);
    expect(guardian.open).toEqual([]);
  });
});
