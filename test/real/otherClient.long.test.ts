import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeReal } from '../support/describeReal.js';
import { type OtherClient, type OtherSession, startOtherClient } from '../support/otherClient.js';
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
