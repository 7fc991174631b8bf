import { basename } from 'node:path';
import { expect, test } from 'vitest';
import type { X2GoError } from '../../src/index.js';
import { describeReal } from '../support/describeReal.js';
import { guard, id } from '../support/guarded.js';
import { startOtherClient } from '../support/otherClient.js';
import { soon } from '../support/real/bounds.js';
import { type RealServerOptions, startRealServer } from '../support/realServer.js';

const noise = 'echo "Welcome |a|b|c|"; printf "\\007\\033[1m* * begin 0\\n"; cat /etc/passwd\n';
const shells: [string, RealServerOptions][] = [
  [
    'bash with a noisy .bashrc without a final newline',
    { bashrc: `${noise}printf "last words" | tee /dev/stderr` },
  ],
];
if (process.env.LONG)
  for (const loginShell of ['/usr/bin/tcsh', '/bin/dash', '/usr/bin/fish'])
    shells.push([basename(loginShell), { loginShell }]);

describeReal('a login shell', () => {
  test.each(shells)('FAULTS 40, 41: %s lists, and its state watch tells', async (_, options) => {
    const server = await startRealServer(options);
    const client = await startOtherClient(server);
    // No tick comes in time: what is told in between comes from the watch.
    const { guardian, until, of, story } = guard(server, {
      refreshInterval: 300_000,
      autoUpdateListMountsCache: true,
    });
    try {
      await guardian.start();
      const { record } = await until('profile.connected');
      expect(record.features).toContain('X2GO_RUN_EXTENSIONS');
      expect(record.versions).toHaveProperty('x2goserver');
      await until('cache.refreshed', { where: ({ cache }) => cache === 'mounts' });
      expect(guardian.sessions(id)).toMatchObject({ source: 'listing', value: [] });
      const session = await client.startSession({ kind: 'desktop', command: 'openbox', attach: false });
      const { record: registered } = await until('session.registered');
      expect(registered).toMatchObject({ session: session.session, state: 'starting', by: 'other' });
      await client.terminate(session);
      const gone = performance.now();
      const ended = await until('session.terminated');
      expect(ended.at - gone).toBeLessThan(soon(2_000));
      expect(story()).toEqual(['registered', 'terminated']);
      expect(of('cache.failed')).toEqual([]);
      expect(new Set(of('cache.refreshed').map((each) => each.record.skippedRows))).toEqual(new Set([0]));
    } finally {
      await guardian.stop();
      await client.stop();
      await server.stop();
    }
  });

  test('FAULTS 41: nologin is a named error, and is not tried again', async () => {
    const server = await startRealServer({ loginShell: '/usr/sbin/nologin' });
    const { guardian, until, of } = guard(server);
    try {
      const started = performance.now();
      await guardian.start();
      const failed = await until('profile.failed');
      expect(failed.at - started).toBeLessThan(soon(5_000));
      expect(failed.record.failure).toMatchObject({ code: 'shell.unusable', retryable: false });
      expect(failed.record.failure.message).toContain('This account is currently not available');
      await expect(guardian.connect(id)).rejects.toSatisfy(
        (error: X2GoError) => error.code === 'shell.unusable',
      );
      // One attempt at the start, one for connect(), none of its own.
      expect(of('profile.connecting')).toHaveLength(2);
      expect(of('profile.lost')).toEqual([]);
      await expect.poll(() => server.connections()).toEqual([]);
    } finally {
      await guardian.stop();
      await server.stop();
    }
  });
});
