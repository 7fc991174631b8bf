import { afterAll, beforeAll, expect, test } from 'vitest';
import { linesOf, Place, runCli } from '../cli/support/cli.js';
import { complaints } from '../schema/support/eventSchema.js';
import { describeReal } from '../support/describeReal.js';
import { type OtherClient, startOtherClient } from '../support/otherClient.js';
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

    await client.resume(resumed);
    await client.until(resumed, 'RUNNING');
    const done = await runCli([...words, '--yes'], place);
    expect(done).toMatchObject({ code: 0, stderr: '' });
    expect(Object.keys(await list()).sort()).toEqual([running.session, resumed.session].sort());
  });
});
