import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { endAllSessions } from '../support/aftermath.js';
import { describeReal } from '../support/describeReal.js';
import { type Guarded, id } from '../support/guarded.js';
import { type OtherClient, startOtherClient } from '../support/otherClient.js';
import { soon } from '../support/real/bounds.js';
import { eventually } from '../support/real/eventually.js';
import { isAlive, type SeenProcess, signal } from '../support/real/processes.js';
import { type RealServer, startRealServer } from '../support/realServer.js';
import { type Stage, setStage } from '../support/showing.js';

describeReal('FAULTS 12: a viewer that was stopped', () => {
  let server: RealServer;
  let stage: Stage;
  let client: OtherClient;
  let guarded: Guarded;

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
  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail') guarded.tell();
    await guarded.guardian.stop();
    expect(stage.proxies()).toEqual([]);
    await endAllSessions(server, client);
  });

  const show = async () => {
    guarded = stage.guard();
    await guarded.guardian.start();
    const order = { kind: 'application', command: 'xterm', sound: false } as const;
    const session = await guarded.guardian.startSession(id, order);
    const [proxy] = stage.proxies();
    if (proxy === undefined) throw new Error('no nxproxy shows it');
    return { session, proxy };
  };
  const stop = ({ pid }: SeenProcess) => {
    signal(pid, 'SIGSTOP');
    return performance.now();
  };
  /** It is looked at every two seconds. */
  const warned = async (since: number) => {
    const stalled = await guarded.until('proxy.stalled', { after: since, timeoutMs: 30_000 });
    expect(stalled.at - since).toBeGreaterThan(9_000);
    expect(stalled.at - since).toBeLessThan(soon(15_000));
    return stalled;
  };

  test('is told of, and goes on where it was let go on', async () => {
    const { session, proxy } = await show();
    const { record } = await warned(stop(proxy));
    expect(record).toMatchObject({ session: session.id, profile: id });
    signal(proxy.pid, 'SIGCONT');
    await session.suspend();
    expect(session.state).toBe('suspended');
    expect(guarded.of('session.recovering')).toEqual([]);
    await eventually('its nxproxy to end', () => !isAlive(proxy.pid));
  });

  test('does not hold up the end', async () => {
    const { session, proxy } = await show();
    stop(proxy);
    const began = performance.now();
    const report = await guarded.guardian.stop();
    expect(performance.now() - began).toBeLessThan(soon(5_000));
    await eventually('its nxproxy to end', () => !isAlive(proxy.pid));
    expect(guarded.guardian.open).toEqual([]);
    expect(report).toContainEqual(
      expect.objectContaining({ kind: 'session', id: session.id, outcome: 'closed' }),
    );
  });

  const replaced = async () => {
    const { session, proxy } = await show();
    const since = stop(proxy);
    await warned(since);
    const resumed = await guarded.until('session.resumed', { after: since, timeoutMs: 60_000 });
    expect(resumed.record).toMatchObject({ session: session.id, by: 'me' });
    const exited = guarded.of('proxy.exited', since);
    expect(exited).toHaveLength(1);
    expect((exited[0]?.at ?? 0) - since).toBeLessThan(soon(36_000));
    expect(exited[0]?.record).toMatchObject({ failure: { code: 'proxy.stalled' } });
    await eventually('its nxproxy to end', () => !isAlive(proxy.pid));
    expect(stage.proxies()).toHaveLength(1);
    expect(session.state).toBe('running');
    expect(guarded.story(session.id, since)).toEqual(['recovering', 'resumed']);
    await eventually('a window on the screen', () => stage.screen.colours() > 1);
  };
  test('for half a minute is replaced by another one', replaced);
});
