import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { describeReal } from '../support/describeReal.js';
import { id } from '../support/guarded.js';
import { eventually } from '../support/real/eventually.js';
import { type RealServer, startRealServer } from '../support/realServer.js';
import { agentsOf, type Stage, setStage } from '../support/showing.js';

describeReal('a session of ours', () => {
  let server: RealServer;
  let stage: Stage;

  beforeAll(async () => {
    server = await startRealServer();
    stage = await setStage(server);
  });
  afterAll(async () => {
    await stage?.stop();
    await server?.stop();
  });
  afterEach(async () => {
    expect(stage.proxies()).toEqual([]);
  });

  test('xterm is started, seen, suspended, resumed and ended', async () => {
    const guarded = stage.guard();
    const { guardian } = guarded;
    await guardian.start();
    await guardian.connect(id);
    const session = await guardian.startSession(id, { kind: 'application', command: 'xterm', sound: false });
    expect(session.state).toBe('running');
    await eventually('a window on the screen', () => stage.screen.colours() > 1, { timeoutMs: 10_000 });
    expect(stage.proxies()).toHaveLength(1);
    await session.suspend();
    expect(session.state).toBe('suspended');
    await eventually('nxproxy to leave', () => stage.proxies().length === 0);
    await session.resume();
    expect(session.state).toBe('running');
    expect(stage.proxies()).toHaveLength(1);
    await session.terminate();
    expect(agentsOf(server.uid)).toEqual([]);
    const report = await guardian.stop();
    expect(report.filter(({ outcome }) => outcome !== 'closed')).toEqual([]);
    expect(guardian.open).toEqual([]);
  });
});
