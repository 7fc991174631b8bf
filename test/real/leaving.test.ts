import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { GuardianOptions } from '../../src/index.js';
import { describeReal, longTest } from '../support/describeReal.js';
import { id } from '../support/guarded.js';
import { type OtherClient, startOtherClient } from '../support/otherClient.js';
import { soon } from '../support/real/bounds.js';
import { eventually } from '../support/real/eventually.js';
import { type RealServer, startRealServer } from '../support/realServer.js';
import { agentsOf, type Stage, setStage } from '../support/showing.js';

const many = process.env.LONG ? 8 : 2;

describeReal('the end of a guardian that runs sessions', () => {
  let server: RealServer;
  let stage: Stage;
  let client: OtherClient;

  beforeAll(async () => {
    server = await startRealServer();
    stage = await setStage(server);
    client = await startOtherClient(server);
  });
  afterAll(async () => {
    await client?.stop();
    await stage?.stop();
    await server?.stop();
  });
  afterEach(async () => {
    for (const row of await client.list()) await client.exec(`x2goterminate-session ${row.split('|')[1]}`);
    await eventually('every agent to be gone', () => agentsOf(server.uid).length === 0);
  });

  const run = async (count: number, options: Partial<GuardianOptions> = {}) => {
    const guarded = stage.guard(options);
    const { guardian } = guarded;
    await guardian.start();
    const sessions = await Promise.all(
      Array.from({ length: count }, () =>
        guardian.startSession(
          id,
          { kind: 'application', command: 'xterm', sound: false },
          { timeout: 110_000 },
        ),
      ),
    );
    return { guarded, sessions };
  };
  const end = async ({ guarded: { guardian } }: Awaited<ReturnType<typeof run>>) => {
    const began = performance.now();
    const report = await guardian.stop('SIGTERM');
    const tookMs = performance.now() - began;
    expect(stage.proxies()).toEqual([]);
    expect(guardian.open).toEqual([]);
    expect(report.filter(({ outcome }) => outcome !== 'closed')).toEqual([]);
    return { report, tookMs };
  };

  test(`${many} sessions are all suspended by the end of their viewers`, { timeout: 180_000 }, async () => {
    const running = await run(many);
    expect(stage.proxies()).toHaveLength(many);
    const { report, tookMs } = await end(running);
    expect(tookMs).toBeLessThan(soon(5_000));
    expect(report.filter(({ kind }) => kind === 'session').map((entry) => entry.id)).toEqual(
      expect.arrayContaining(running.sessions.map((session) => session.id)),
    );
    const rows = await client.list();
    expect(rows.map((row) => row.split('|')[4])).toEqual(Array.from({ length: many }, () => 'S'));
    console.log(`${many} sessions suspended in ${Math.round(tookMs)} ms`);
  });

  longTest('with onExit terminate none is listed any more', async () => {
    const running = await run(3, { onExit: 'terminate' });
    await end(running);
    expect(await client.list()).toEqual([]);
    expect(agentsOf(server.uid)).toEqual([]);
  });

  longTest('sessions others started are not touched', async () => {
    const theirs = await client.startSession({ kind: 'application', command: 'xterm' });
    const running = await run(1, { onExit: 'terminate' });
    await running.guarded.until('session.registered', {
      where: ({ session }) => session === theirs.session,
    });
    await end(running);
    expect((await client.list()).map((row) => row.split('|')[1])).toEqual([theirs.session]);
    expect(client.stateFile(theirs)).toBe('RUNNING');
    await client.terminate(theirs);
  });
});
