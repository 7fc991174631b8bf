import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { readRecording } from '../../src/inspection/recorded.js';
import { record } from '../../src/inspection/recording.js';
import { replay } from '../../src/inspection/replay.js';
import { story, toldOf } from '../inspection/support/story.js';
import { spectate } from '../page/support/spectator.js';
import { describeReal } from '../support/describeReal.js';
import { besides, id } from '../support/guarded.js';
import { childrenOf } from '../support/real/processes.js';
import { mustRun } from '../support/real/run.js';
import { type RealServer, startRealServer } from '../support/realServer.js';
import { type Stage, setStage } from '../support/showing.js';

/** What lets a viewer in, as the server has it. */
async function cookieOf({ user }: RealServer, session: string): Promise<string> {
  const rows = await mustRun('runuser', ['-u', user, '--', 'x2golistsessions']);
  const row = rows.split('\n').find((line) => line.includes(session));
  return row?.split('|')[6] ?? '';
}

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

  test('is told by why in that order and shown by the live page, and its recording leads the charts to the same states', {
    timeout: 120_000,
  }, async () => {
    const guarded = stage.guard({ onExit: 'terminate' });
    const { guardian } = guarded;
    onTestFinished(async () => void (await guardian.stop()));
    const file = besides(server, 'run.ndjson');
    const troubles: unknown[] = [];
    const recording = record(file, (listener, options) => guardian.feed(listener, options), {
      version: '0.0.0-test',
      trouble: (failure) => troubles.push(failure),
    });
    await guardian.start();
    const spectator = await spectate(guardian);
    onTestFinished(() => spectator?.leave());
    const starting = spectator?.sees('starting');
    const order = { kind: 'application', command: 'xterm', sound: false } as const;
    const session = await guardian.startSession(id, order);
    await starting;
    await spectator?.sees('running');
    const commandLines = childrenOf(process.pid).map(({ cmdline }) => cmdline);
    const cookie = await cookieOf(server, session.id);
    const recovering = spectator?.sees('recovering');
    const cut = performance.now();
    server.killConnections();
    await guarded.until('session.resumed', { after: cut, timeoutMs: 30_000 });
    await recovering;
    await spectator?.sees('running');
    await session.suspend();
    await spectator?.sees('suspended');
    const shown = await spectator?.everything();
    const told = guardian.why(id, session.id).split('\n');
    await session.terminate();
    await guardian.stop();
    await recording.close();

    expect(toldOf(told), told.join('\n')).toBe(story.length);

    expect(cookie).toMatch(/^[0-9a-f]{32}$/);
    expect(commandLines.join('\n')).toContain('nxproxy');
    for (const text of [shown ?? '', ...commandLines]) expect(text.includes(cookie)).toBe(false);
    expect(spectator?.troubles ?? []).toEqual([]);

    expect(troubles).toEqual([]);
    const { bad, lines } = await readRecording(file);
    expect(bad).toEqual([]);
    const replayed = replay(lines);
    expect(replayed.differences).toEqual([]);
    expect(replayed.unknown).toEqual([]);
    expect(replayed.states).toBeGreaterThan(30);
  });
});
