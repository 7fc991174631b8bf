import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createGuardian } from '../../src/index.js';
import { linesOf, Place, runCli } from '../cli/support/cli.js';
import { complaints } from '../schema/support/eventSchema.js';
import { describeReal } from '../support/describeReal.js';
import { type OtherClient, startOtherClient } from '../support/otherClient.js';
import { eventually } from '../support/real/eventually.js';
import { type RealServer, startRealServer } from '../support/realServer.js';

describeReal('terminate --state suspended on a real X2Go server', () => {
  let server: RealServer;
  let client: OtherClient;
  let place: Place;

  beforeAll(async () => {
    server = await startRealServer();
    client = await startOtherClient(server);
    place = new Place();
  });
  afterAll(async () => {
    await client?.stop();
    await server?.stop();
    place?.[Symbol.dispose]();
  });

  test('--dry-run lists exactly the suspended ones and ends none; --yes ends exactly those', async () => {
    const start = () => client.startSession({ kind: 'application', command: 'xterm' });
    const [running, stale, resumed] = [await start(), await start(), await start()];
    for (const one of [running, stale, resumed]) await client.until(one, 'RUNNING');
    for (const one of [stale, resumed]) await client.suspend(one);
    for (const one of [stale, resumed]) await client.until(one, 'SUSPENDED');
    const there = [
      `${server.user}@${server.host}:${server.port}`,
      ...['-i', server.keyFile, '--known-hosts', server.writeKnownHosts()],
    ];
    const list = async () => {
      const { stdout } = await runCli(['sessions', ...there, '--json'], place);
      return Object.fromEntries(linesOf(stdout).map((line) => [line.session, line]));
    };
    const before = await list();
    expect(Number(before[stale.session]?.unchangedSeconds)).toBeLessThan(
      Number(before[stale.session]?.ageSeconds),
    );
    const words = ['terminate', ...there, '--older-than', '0s', '--state', 'suspended', '--json'];
    const dry = await runCli([...words, '--dry-run'], place);
    expect(dry).toMatchObject({ code: 0, stderr: '' });
    expect(linesOf(dry.stdout).flatMap(complaints)).toEqual([]);
    expect(
      linesOf(dry.stdout)
        .map(({ event, session }) => [event, session])
        .sort(),
    ).toEqual([stale, resumed].map(({ session }) => ['session.chosen', session]).sort());
    expect(Object.keys(await list()).sort()).toEqual(Object.keys(before).sort());

    // What a guardian saw last may be old by the time it acts: the server itself says no.
    await using guardian = createGuardian({
      profiles: [{ id: 'p', host: server.host, port: server.port, user: server.user }],
      credentials: { of: async () => ({ privateKey: readFileSync(server.keyFile) }) },
      hostKeys: () => ({ mode: 'strict', files: [server.writeKnownHosts()] }),
      ...{ autoUpdateListSessionsCache: true, autoRegisterSessions: true, stateWatch: false, journal: false },
      refreshInterval: 600_000,
    });
    await guardian.start();
    await eventually('both are known', () => guardian.session('p', resumed.session).state === 'suspended');
    await client.resume(resumed);
    await client.until(resumed, 'RUNNING');
    await expect(guardian.terminateSession('p', resumed.session, { unlessUsed: true })).rejects.toMatchObject(
      { code: 'session.takenOver' },
    );
    expect(client.stateFile(resumed)).toBe('RUNNING');

    const done = await runCli([...words, '--yes'], place);
    expect(done).toMatchObject({ code: 0, stderr: '' });
    expect(Object.keys(await list()).sort()).toEqual([running.session, resumed.session].sort());
  });
});
