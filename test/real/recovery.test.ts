import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Session } from '../../src/index.js';
import { describeReal, longTest } from '../support/describeReal.js';
import { type Guarded, id } from '../support/guarded.js';
import { soon } from '../support/real/bounds.js';
import { eventually } from '../support/real/eventually.js';
import { signal } from '../support/real/processes.js';
import { type RealServer, startRealServer } from '../support/realServer.js';
import { agentsOf, type Stage, setStage } from '../support/showing.js';

describeReal('a session of ours whose line, viewer or agent breaks', () => {
  let server: RealServer;
  let stage: Stage;
  let guarded: Guarded;
  let session: Session;

  beforeAll(async () => {
    server = await startRealServer();
    stage = await setStage(server);
  });
  afterAll(async () => {
    await stage?.stop();
    await server?.stop();
  });
  beforeEach(async () => {
    guarded = stage.guard();
    await guarded.guardian.start();
    session = await guarded.guardian.startSession(id, {
      kind: 'application',
      command: 'xterm',
      sound: false,
    });
  });
  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail') guarded.tell();
    if (session.state !== 'terminated') await session.terminate();
    await guarded.guardian.stop();
    expect(stage.proxies()).toEqual([]);
    await eventually('every agent to be gone', () => agentsOf(server.uid).length === 0);
    expect(guarded.guardian.open).toEqual([]);
  });
  const onScreen = () => eventually('a window on the screen', () => stage.screen.colours() > 1);
  const kill = (name: NodeJS.Signals = 'SIGKILL') => {
    const [proxy] = stage.proxies();
    if (proxy === undefined) throw new Error('no nxproxy shows it');
    signal(proxy.pid, name);
    return performance.now();
  };

  test('FAULTS 16: its connection is cut: it recovers at once, and its window is back under the same name', async () => {
    await onScreen();
    const cut = performance.now();
    server.killConnections();
    const recovering = await guarded.until('session.recovering', { after: cut });
    expect(recovering.at - cut).toBeLessThan(soon(1_000));
    const connected = await guarded.until('profile.connected', { after: cut });
    const resumed = await guarded.until('session.resumed', { after: cut });
    expect(resumed.at - connected.at).toBeLessThan(soon(5_000));
    expect(resumed.record).toMatchObject({ session: session.id, by: 'me' });
    expect(stage.proxies()).toHaveLength(1);
    await onScreen();
    expect(guarded.story(session.id, cut)).toEqual(['recovering', 'resumed']);
  });

  longTest(
    'FAULTS 11: its viewer is killed: noticed, restarted by a resume; the fourth time it is left suspended',
    async () => {
      for (const round of [1, 2, 3]) {
        // An application that has no connection yet ends with its viewer.
        await onScreen();
        const killed = kill();
        const exited = await guarded.until('proxy.exited', { after: killed });
        expect(exited.at - killed, `round ${round}`).toBeLessThan(soon(1_000));
        expect(exited.record.how).toBe('killed');
        await guarded.until('session.resumed', { after: killed });
        expect(stage.proxies()).toHaveLength(1);
      }
      const killed = kill();
      const suspended = await guarded.until('session.suspended', { after: killed });
      expect(suspended.record).toMatchObject({ by: 'me', failure: { code: 'proxy.unstable' } });
      expect(session.state).toBe('suspended');
      expect(stage.proxies()).toEqual([]);
    },
  );

  longTest('FAULTS 15: its agent is killed: that is told as an end on the server', async () => {
    const [agent] = agentsOf(server.uid);
    if (agent === undefined) throw new Error('there is no agent');
    const killed = performance.now();
    signal(agent.pid, 'SIGKILL');
    const ended = await guarded.until('session.terminated', { after: killed });
    expect(ended.at - killed).toBeLessThan(soon(5_000));
    expect(ended.record).toMatchObject({ by: 'other', reason: 'agentGone' });
    expect(session.state).toBe('terminated');
  });
});
