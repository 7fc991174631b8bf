import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { createGuardian } from '../../src/index.js';
import { linesOf, Place, runCli } from '../cli/support/cli.js';
import { complaints } from '../schema/support/eventSchema.js';
import { describeReal, longTest } from '../support/describeReal.js';
import { type OtherClient, type OtherSession, startOtherClient } from '../support/otherClient.js';
import { eventually } from '../support/real/eventually.js';
import { type RealServer, startRealServer } from '../support/realServer.js';

describeReal('sessions that nobody uses, on a real X2Go server', () => {
  let server: RealServer;
  let client: OtherClient;
  let place: Place;
  const started: OtherSession[] = [];

  beforeAll(async () => {
    server = await startRealServer();
    client = await startOtherClient(server);
    place = new Place();
  });
  afterEach(async () => {
    await Promise.all(started.splice(0).map((session) => client.terminate(session)));
  });
  afterAll(async () => {
    await client?.stop();
    await server?.stop();
    place?.[Symbol.dispose]();
  });
  const start = async () => {
    const session = await client.startSession({ kind: 'application', command: 'xterm' });
    started.push(session);
    await client.until(session, 'RUNNING');
    return session;
  };
  const suspended = async () => {
    const session = await start();
    await client.suspend(session);
    await client.until(session, 'SUSPENDED');
    return session;
  };

  test('--dry-run lists exactly the suspended ones and ends none; --yes ends exactly those', {
    timeout: 150_000,
  }, async () => {
    const [running, stale] = [await start(), await suspended()];
    const there = [
      `${server.user}@${server.host}:${server.port}`,
      ...['-i', server.keyFile, '--known-hosts', server.writeKnownHosts()],
    ];
    const list = async () => {
      const { stdout } = await runCli(['sessions', ...there, '--json'], place);
      return linesOf(stdout);
    };
    const before = await list();
    const row = before.find(({ session }) => session === stale.session);
    expect(Number(row?.unchangedSeconds)).toBeLessThan(Number(row?.ageSeconds));
    const words = ['terminate', ...there, '--older-than', '0s', '--state', 'suspended', '--json'];
    const dry = await runCli([...words, '--dry-run'], place);
    expect(dry).toMatchObject({ code: 0, stderr: '' });
    expect(linesOf(dry.stdout).flatMap(complaints)).toEqual([]);
    expect(linesOf(dry.stdout)).toMatchObject([{ event: 'session.chosen', session: stale.session }]);
    expect([client.stateFile(running), client.stateFile(stale)]).toEqual(['RUNNING', 'SUSPENDED']);

    const done = await runCli([...words, '--yes'], place);
    expect(done).toMatchObject({ code: 0, stderr: '' });
    expect((await list()).map(({ session }) => session)).toEqual([running.session]);
  });

  longTest(
    'what a guardian saw last may be old by the time it acts: the server itself says no',
    {
      timeout: 150_000,
    },
    async () => {
      const session = await suspended();
      await using guardian = createGuardian({
        profiles: [{ id: 'p', host: server.host, port: server.port, user: server.user }],
        credentials: { of: async () => ({ privateKey: readFileSync(server.keyFile) }) },
        hostKeys: () => ({ mode: 'strict', files: [server.writeKnownHosts()] }),
        ...{
          autoUpdateListSessionsCache: true,
          autoRegisterSessions: true,
          stateWatch: false,
          journal: false,
        },
        refreshInterval: 600_000,
      });
      await guardian.start();
      await eventually('it is known', () => guardian.session('p', session.session).state === 'suspended');
      await client.resume(session);
      await client.until(session, 'RUNNING');
      const end = () => guardian.terminateSession('p', session.session, { unlessUsed: true });
      await expect(end()).rejects.toMatchObject({ code: 'session.takenOver' });
      expect(client.stateFile(session)).toBe('RUNNING');
    },
  );
});
