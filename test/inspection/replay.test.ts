import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { type Recorded, readRecording } from '../../src/inspection/recorded.js';
import { record } from '../../src/inspection/recording.js';
import { replay } from '../../src/inspection/replay.js';
import { everyFlag } from '../support/guard.js';
import { live } from '../support/life.js';

/** A session that is started, loses its line, comes back and is suspended; and what was recorded of it. */
async function recordedLife(): Promise<{ file: string; recorded: Recorded; troubles: unknown[] }> {
  const folder = mkdtempSync(join(tmpdir(), 'recording-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'run.ndjson');
  const troubles: unknown[] = [];
  {
    await using life = await live({ ...everyFlag, start: false, refreshInterval: 200 });
    const { guardian, log } = life;
    const recording = record(file, (listener, options) => guardian.feed(listener, options), {
      version: '0.0.0-test',
      trouble: (failure) => troubles.push(failure),
    });
    await guardian.start();
    const session = await life.start();
    await life.emulator.faults.reset();
    await log.until('session.recovering');
    await log.until('session.resumed');
    await session.suspend();
    await session.resume();
    await guardian.stop();
    await recording.close();
  }
  return { file, recorded: await readRecording(file), troubles };
}

test('the recorded events lead every chart to the states that are recorded', async () => {
  const { recorded, file, troubles } = await recordedLife();
  expect(troubles).toEqual([]);
  expect(recorded.bad).toEqual([]);
  expect(recorded.header).toMatchObject({ v: 1, t: 'recording', version: '0.0.0-test' });
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const replayed = replay(recorded.lines);
  expect(replayed.differences).toEqual([]);
  expect(replayed.unknown).toEqual([]);
  const charts = recorded.lines.flatMap(({ line }) =>
    line.t === 'actor' && line.kind === 'chart' ? [line.chart] : [],
  );
  expect([...new Set(charts)].sort()).toEqual([
    'attachment',
    'guardian',
    'profile',
    'proxy',
    'session',
    'tunnel',
  ]);
  expect(replayed.charts).toBe(charts.length);
  expect(replayed.states).toBeGreaterThan(50);
  const states = recorded.lines.flatMap(({ line }) => (line.t === 'state' ? line.tags : []));
  for (const tag of ['lost', 'recovering', 'resuming', 'suspended', 'running']) expect(states).toContain(tag);

  const without = (type: string) =>
    recorded.lines.filter(({ line }) => line.t !== 'event' || line.type !== type);
  for (const type of ['line.lost', 'ssh.lost', 'tunnel.opened', 'proxy.up']) {
    const [first] = replay(without(type)).differences;
    expect(first, `without ${type}`).toMatchObject({
      line: expect.any(Number),
      id: expect.stringContaining('office'),
    });
  }
  const swapped = recorded.lines.map(({ number, line }) =>
    line.t === 'state' && line.tags.includes('suspended')
      ? { number, line: { ...line, value: 'elsewhere' } }
      : { number, line },
  );
  expect(replay(swapped).differences[0]).toMatchObject({ recorded: 'elsewhere' });
  const failed = recorded.lines.map(({ number, line }) =>
    line.t === 'gone' && line.status === 'done'
      ? { number, line: { ...line, status: 'error' as const } }
      : { number, line },
  );
  expect(replay(failed).differences).toContainEqual(expect.objectContaining({ recorded: 'error' }));
  expect(readFileSync(file, 'utf8').split('\n').at(-1)).toBe('');
});
