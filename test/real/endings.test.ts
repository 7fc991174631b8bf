import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { describeReal, longTest } from '../support/describeReal.js';
import { type Guarded, guard, id } from '../support/guarded.js';
import { type OtherClient, startOtherClient } from '../support/otherClient.js';
import { soon } from '../support/real/bounds.js';
import { isAlive, signal } from '../support/real/processes.js';
import { type RealServer, startRealServer } from '../support/realServer.js';

describeReal('sessions that end by themselves, or have ended before', () => {
  let server: RealServer;
  let client: OtherClient;
  let guarded: Guarded;

  beforeAll(async () => {
    server = await startRealServer();
    client = await startOtherClient(server);
  });
  afterEach(async () => {
    await guarded?.guardian.stop();
  });
  afterAll(async () => {
    await client?.stop();
    await server?.stop();
  });
  const connect = async (options: Parameters<typeof guard>[1] = {}) => {
    guarded = guard(server, options);
    await guarded.guardian.start();
    await guarded.until('profile.connected');
    await guarded.until('cache.refreshed');
  };

  longTest('what runs when we connect is found, and is left as it is by stop()', async () => {
    const session = await client.startSession({ kind: 'desktop', command: 'openbox' });
    await client.until(session, 'RUNNING');
    const [before] = await client.list();
    await connect();
    expect(guarded.story()).toEqual(['registered']);
    expect(guarded.of('session.registered')[0]?.record).toMatchObject({
      session: session.session,
      by: 'found',
      state: 'running',
      kind: 'desktop',
      display: session.display,
    });
    await guarded.guardian.stop();
    const [after] = await client.list();
    // field 12 is its age
    expect(after?.split('|').slice(0, 11)).toEqual(before?.split('|').slice(0, 11));
    expect(client.stateFile(session)).toBe('RUNNING');
    expect(client.proxyOf(session)?.hasEnded()).toBe(false);
    await client.terminate(session);
  });

  test('an application that ends by itself ends its session', async () => {
    await connect();
    const session = await client.startSession({ kind: 'application', command: 'xterm -e sleep 6' });
    await guarded.until('session.registered', { where: (record) => record.session === session.session });
    await client.until(session, 'RUNNING');
    const { record } = await guarded.until('session.terminated', { timeoutMs: 30_000 });
    expect(record).toMatchObject({ session: session.session, by: 'other', reason: 'ended', profile: id });
    expect(guarded.story(session.session).filter((name) => name !== 'started')).toEqual([
      'registered',
      'terminated',
    ]);
    expect(isAlive(session.agentPid)).toBe(false);
  });

  longTest('an agent that was killed is told as gone within 2 s, once', async () => {
    await connect();
    const session = await client.startSession({ kind: 'application', command: 'xterm' });
    await client.until(session, 'RUNNING');
    await guarded.until('session.registered', { where: (record) => record.session === session.session });
    const killed = performance.now();
    signal(session.agentPid, 'SIGKILL');
    const gone = await guarded.until('session.terminated');
    expect(gone.record).toMatchObject({ session: session.session, reason: 'agentGone', by: 'other' });
    expect(gone.at - killed).toBeLessThan(soon(2_000));
    await guarded.until('cache.refreshed', { after: gone.at });
    expect(guarded.of('session.terminated')).toHaveLength(1);
  });

  longTest(
    'a session found on its way out is asked about again, without a watch and with no tick in sight',
    async () => {
      const session = await client.startSession({ kind: 'application', command: 'xterm' });
      await client.until(session, 'RUNNING');
      await connect({ stateWatch: false, refreshInterval: 300_000 });
      await guarded.until('session.registered');
      const ending = client.terminate(session);
      await client.until(session, 'TERMINATING');
      guarded.guardian.refresh(id);
      await ending;
      const gone = performance.now();
      const { at, record } = await guarded.until('session.terminated', { timeoutMs: 5_000 });
      expect(at - gone).toBeLessThan(soon(2_000));
      expect(record).toMatchObject({ session: session.session, reason: 'ended' });
      expect(guarded.story()).toEqual(['registered', 'terminated']);
    },
  );

  longTest('a row whose agent died before we connected is no session', async () => {
    const session = await client.startSession({ kind: 'application', command: 'xterm', attach: false });
    signal(session.agentPid, 'SIGKILL');
    expect((await client.list()).map((row) => row.split('|')[1])).toContain(session.session);
    await connect();
    const [first] = guarded.of('cache.refreshed');
    expect(first?.record.counts.sessions).toBe(1);
    await guarded.until('cache.refreshed', { after: first?.at ?? 0 });
    expect(guarded.story()).toEqual([]);
    expect(guarded.guardian.sessions(id)?.value.map(({ state }) => state)).toEqual(['terminated']);
  });
});
