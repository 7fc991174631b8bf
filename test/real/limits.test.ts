import { connect, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { describeReal, longTest } from '../support/describeReal.js';
import { type Guarded, guard, id } from '../support/guarded.js';
import { type OtherClient, startOtherClient } from '../support/otherClient.js';
import { soon } from '../support/real/bounds.js';
import { type RealServer, startRealServer } from '../support/realServer.js';

describeReal('a server that grants little', () => {
  let server: RealServer | undefined;
  let guarded: Guarded | undefined;
  let client: OtherClient | undefined;
  const sockets: Socket[] = [];
  afterEach(async () => {
    for (const socket of sockets) socket.destroy();
    await guarded?.guardian.stop();
    await client?.stop();
    await server?.stop();
    client = undefined;
  });

  test('FAULTS 29: names MaxStartups when it drops us, and lets us in later', async () => {
    server = await startRealServer({ maxStartups: '1:100:1' });
    const stranger = connect(server.port, server.host);
    sockets.push(stranger);
    await new Promise((resolve) => stranger.once('data', resolve));
    guarded = guard(server);
    const started = performance.now();
    await guarded.guardian.start();
    const lost = await guarded.until('profile.lost');
    expect(lost.at - started).toBeLessThan(soon(1_000));
    expect(lost.record.failure).toMatchObject({ code: 'ssh.throttled', retryable: true });
    expect(lost.record.failure.message).toContain('MaxStartups');
    stranger.destroy();
    await guarded.until('profile.connected', { after: lost.at });
  });

  longTest.each([1, 2])(
    'FAULTS 30: lists with MaxSessions %i over one transport that stays',
    async (maxSessions) => {
      server = await startRealServer({ maxSessions });
      client = await startOtherClient(server);
      guarded = guard(server, {
        autoUpdateListDesktopsCache: true,
        autoUpdateListMountsCache: true,
        refreshInterval: 2_000,
        timing: { desktopsInterval: 2_000 },
      });
      await guarded.guardian.start();
      await guarded.until('profile.connected');
      const session = await client.startSession({ kind: 'application', command: 'xterm', attach: false });
      await guarded.until('session.registered', { where: (record) => record.session === session.session });
      for (let count = 1; count <= 2; count += 1) {
        for (const cache of ['sessions', 'mounts', 'desktops'] as const) {
          guarded.guardian.refresh(id);
          const after = performance.now();
          await guarded.until('cache.refreshed', { after, where: (record) => record.cache === cache });
        }
      }
      expect(guarded.of('profile.lost')).toEqual([]);
      expect(guarded.of('cache.failed')).toEqual([]);
      expect(guarded.connections()).toHaveLength(1);
    },
  );
});
