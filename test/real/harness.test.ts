import { expect, test } from 'vitest';
import { describeReal, longTest } from '../support/describeReal.js';
import { startOtherClient } from '../support/otherClient.js';
import { isListening } from '../support/real/traces.js';
import { startRealServer } from '../support/realServer.js';

describeReal('the real server', () => {
  test('shows the two processes of each connection, cuts them, stops and comes back on its port', async () => {
    const server = await startRealServer({ hostKeyTypes: ['ed25519', 'ecdsa'] });
    try {
      const client = await startOtherClient(server);
      const waiting = client.exec('exec sleep 1000');
      await expect.poll(() => server.connections()[0]?.user).toBeDefined();
      expect(server.connectionPids()).toHaveLength(2);
      await server.stopSshd();
      expect(isListening(server.port)).toBe(false);
      expect(server.connectionPids()).toHaveLength(2); // a connection outlives the listener
      server.killConnections();
      expect((await waiting).code).toBe(255);
      expect(server.connectionPids()).toEqual([]);
      await server.restartSshd();
      expect((await client.exec('echo back')).stdout).toBe('back\n');
      expect(server.knownHosts().trim().split('\n')).toHaveLength(2);
      await client.stop();
    } finally {
      await server.stop();
    }
  });

  longTest.each(['/bin/dash', '/usr/bin/fish', '/usr/bin/tcsh'])(
    'starts a session under the login shell %s',
    async (loginShell) => {
      const server = await startRealServer({ loginShell });
      const client = await startOtherClient(server);
      try {
        const session = await client.startSession({ kind: 'application', command: 'xterm' });
        await client.until(session, 'RUNNING');
      } finally {
        await client.stop();
        await server.stop();
      }
    },
  );

  longTest('two servers run side by side and do not see each other', async () => {
    const servers = await Promise.all([
      startRealServer(),
      startRealServer({ bashrc: 'printf "noise without newline"\n' }),
    ]);
    const clients = await Promise.all(servers.map((server) => startOtherClient(server)));
    try {
      const sessions = await Promise.all(
        clients.map((client) => client.startSession({ kind: 'desktop', command: 'openbox' })),
      );
      const rows = await Promise.all(clients.map((client) => client.list()));
      expect(rows.map((each) => each.length)).toEqual([1, 1]);
      expect(rows.map((each) => each[0]?.includes(sessions[0]?.session ?? '?'))).toEqual([true, false]);
    } finally {
      await Promise.all(clients.map((client) => client.stop()));
      await Promise.all(servers.map((server) => server.stop()));
    }
  });
});
