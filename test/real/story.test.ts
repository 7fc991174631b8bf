import { afterAll, beforeAll, expect, test } from 'vitest';
import { readRecording } from '../../src/inspection/recorded.js';
import { record } from '../../src/inspection/recording.js';
import { replay } from '../../src/inspection/replay.js';
import { story, toldOf } from '../inspection/support/story.js';
import { describeReal } from '../support/describeReal.js';
import { besides, id } from '../support/guarded.js';
import { type RealServer, startRealServer } from '../support/realServer.js';
import { type Stage, setStage } from '../support/showing.js';

describeReal('a session that was started, cut off, brought back and suspended', () => {
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

  test('is told by why in that order, and its recording leads the charts to the same states', async () => {
    const guarded = stage.guard();
    const { guardian } = guarded;
    const file = besides(server, 'run.ndjson');
    const troubles: unknown[] = [];
    const recording = record(file, (listener, options) => guardian.feed(listener, options), {
      version: '0.0.0-test',
      trouble: (failure) => troubles.push(failure),
    });
    await guardian.start();
    const order = { kind: 'application', command: 'xterm', sound: false } as const;
    const session = await guardian.startSession(id, order);
    const cut = performance.now();
    server.killConnections();
    await guarded.until('session.resumed', { after: cut, timeoutMs: 30_000 });
    await session.suspend();
    const told = guardian.why(id, session.id).split('\n');
    await session.terminate();
    await guardian.stop();
    await recording.close();

    expect(toldOf(told), told.join('\n')).toBe(story.length);

    expect(troubles).toEqual([]);
    const { bad, lines } = await readRecording(file);
    expect(bad).toEqual([]);
    const replayed = replay(lines);
    expect(replayed.differences).toEqual([]);
    expect(replayed.unknown).toEqual([]);
    expect(replayed.states).toBeGreaterThan(30);
  });
});
