import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeReal, longTest } from '../support/describeReal.js';
import { type OtherClient, type OtherSession, startOtherClient } from '../support/otherClient.js';
import { isListening } from '../support/real/traces.js';
import { type RealServer, startRealServer } from '../support/realServer.js';

describeReal('a session of the other client', () => {
  let server: RealServer;
  let client: OtherClient;
  let session: OtherSession;
  const statusOf = async () =>
    (await client.list()).map((row) => row.split('|')).find((row) => row[1] === session.session)?.[4];

  beforeAll(async () => {
    server = await startRealServer();
    client = await startOtherClient(server);
    session = await client.startSession({ kind: 'application', command: 'xterm -bg red' });
  });
  afterAll(async () => {
    await client?.stop();
    await server?.stop();
  });

  test('runs, is listed R and paints on the screen', async () => {
    await client.until(session, 'RUNNING');
    expect(await statusOf()).toBe('R');
    await expect.poll(() => client.colours(), { timeout: 15_000 }).toBeGreaterThan(1);
  });

  test('is suspended and listed S; its nxproxy leaves by itself', async () => {
    const proxy = client.proxyOf(session);
    await client.suspend(session);
    await client.until(session, 'SUSPENDED');
    await proxy?.ended();
    expect(await statusOf()).toBe('S');
  });

  test('is resumed under the same name and with the same agent', async () => {
    const resumed = await client.resume(session);
    await client.until(resumed, 'RUNNING');
    expect(await statusOf()).toBe('R');
    expect(resumed).toMatchObject({ session: session.session, agentPid: session.agentPid });
  });

  test('is suspended by the loss of its nxproxy', async () => {
    await client.killProxy(session);
    await client.until(session, 'SUSPENDED');
    expect(await statusOf()).toBe('S');
  });

  test('is terminated and no longer listed', async () => {
    await client.terminate(session);
    expect(await statusOf()).toBeUndefined();
    expect(['TERMINATED', 'gone']).toContain(client.stateFile(session));
  });
});

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
