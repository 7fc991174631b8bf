import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { FeedLine } from '../../src/inspection/feed.js';
import { record } from '../../src/inspection/recording.js';
import { everyFlag } from '../support/guard.js';
import { live } from '../support/life.js';
import { feedComplaints, treeComplaints } from './support/inspectionSchema.js';

const plain = (value: unknown) => JSON.parse(JSON.stringify(value));

test('trees, lines of a feed and lines of a recording are as the schemas say, through a whole run', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'schema-feed-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'run.ndjson');
  const lines: FeedLine[] = [];
  const trees: unknown[] = [];
  {
    await using life = await live({ ...everyFlag, start: false, refreshInterval: 100 });
    const { guardian, log } = life;
    const recording = record(file, (listener, options) => guardian.feed(listener, options), {
      version: '1',
      trouble: () => undefined,
    });
    guardian.feed((line) => {
      lines.push(line);
      if (line.t !== 'event') trees.push(plain(guardian.inspect()));
    });
    await guardian.start();
    const session = await life.start({ sound: true });
    await life.emulator.faults.reset();
    await log.until('session.resumed');
    await session.suspend();
    await guardian.stop();
    await recording.close();
    trees.push(plain(guardian.inspect()));
  }
  expect(trees.length).toBeGreaterThan(50);
  expect([...new Set(trees.flatMap(treeComplaints))]).toEqual([]);
  const recorded = readFileSync(file, 'utf8')
    .split('\n')
    .flatMap((line) => (line === '' ? [] : [JSON.parse(line)]));
  expect(new Set(recorded.map(({ t }) => t)).size).toBe(7);
  expect([...new Set([...lines.map(plain), ...recorded].flatMap(feedComplaints))]).toEqual([]);
  for (const line of lines) expect(Object.keys(line).slice(0, 3)).toEqual(['t', 'seq', 'time']);
  expect(
    recorded.every((line) => line.t !== 'actor' || line.kind !== 'chart' || line.input !== undefined),
  ).toBe(true);
  expect(lines.some((line) => 'input' in line || ('event' in line && line.t === 'event'))).toBe(false);
}, 30_000);

test('what is no tree and no line is refused', () => {
  const time = '2026-11-22T18:23:26.123Z';
  expect(treeComplaints({ v: 2, time, root: {} })).not.toEqual([]);
  expect(feedComplaints({ t: 'gone', seq: 1, time, id: 'a', status: 'active' } as never)).not.toEqual([]);
  expect(feedComplaints({ t: 'gone', seq: 1, time, id: 'a', status: 'done', more: 1 } as never)).not.toEqual(
    [],
  );
  expect(feedComplaints({ t: 'gone', seq: 1, time, id: 'a', status: 'done' } as never)).toEqual([]);
});
