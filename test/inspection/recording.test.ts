import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import type { FeedLine, FeedListener } from '../../src/inspection/feed.js';
import { Past } from '../../src/inspection/past.js';
import { parseRecordedLine, readRecording } from '../../src/inspection/recorded.js';
import { record } from '../../src/inspection/recording.js';
import { replay } from '../../src/inspection/replay.js';
import { openFiles } from '../support/aftermath.js';
import { eventually } from '../support/until.js';

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'recording-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

test('a disk that is full ends the recording, told once, and nothing else', async () => {
  let listener: FeedListener | undefined;
  let stopped = 0;
  const feed = (given: FeedListener) => {
    listener = given;
    return () => void stopped++;
  };
  const troubles: { code: string; message: string }[] = [];
  const recording = record('/dev/full', feed, { version: '1', trouble: (failure) => troubles.push(failure) });
  const line: FeedLine = { t: 'gone', seq: 1, time: new Date().toISOString(), id: 'a', status: 'done' };
  listener?.(line);
  await eventually('it to be told', () => troubles.length > 0);
  expect(stopped).toBe(1);
  listener?.(line);
  await recording.close();
  expect(troubles).toEqual([
    expect.objectContaining({ code: 'file.unwritable', message: expect.stringContaining('/dev/full') }),
  ]);
  expect(stopped).toBeGreaterThan(0);
  expect(() => record('/nowhere/at/all', feed, { version: '1', trouble: () => undefined })).toThrow(
    expect.objectContaining({ code: 'file.unwritable' }),
  );
});

test('one that is closed is whole, and its file is closed', async () => {
  const file = join(folder(), 'run.ndjson');
  let stopped = 0;
  const recording = record(file, () => () => void stopped++, {
    version: '1',
    trouble: (failure) => expect.unreachable(failure.message),
  });
  expect(openFiles()).toContain(file);
  await recording.close();
  expect([stopped, openFiles().includes(file)]).toEqual([1, false]);
  expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ t: 'recording', version: '1' });
});

test('a disk that does not keep up ends the recording, and its file is closed', async () => {
  const file = join(folder(), 'slow.ndjson');
  let listener: FeedListener | undefined;
  const troubles: string[] = [];
  const isOpen = () => openFiles().includes(file);
  record(
    file,
    (given) => {
      listener = given;
      return () => undefined;
    },
    { version: '1', trouble: ({ message }) => troubles.push(message) },
  );
  expect(isOpen()).toBe(true);
  const id = 'a'.repeat(65 * 1024 * 1024);
  listener?.({ t: 'gone', seq: 1, time: new Date().toISOString(), id, status: 'done' });
  expect(troubles).toEqual([expect.stringContaining('does not keep up')]);
  await eventually('it to be closed', () => !isOpen());
});

test('lines that are none are told by their number, the others are kept', async () => {
  const file = join(folder(), 'run.ndjson');
  const time = '2026-11-22T18:23:26.123Z';
  const fact = { t: 'fact', seq: 1, time, fact: { v: 1, time, event: 'guardian.started', profiles: [] } };
  const lines = [{ v: 1, t: 'recording', time, version: '0.1.0' }, fact].map((line) => JSON.stringify(line));
  writeFileSync(
    file,
    [lines[0], 'garbage', lines[1], '{"t":"other"}', '[]', '{"t":"state","seq":2}', '{"t":"gon'].join('\n'),
  );
  const recorded = await readRecording(file);
  expect(recorded.header).toMatchObject({ version: '0.1.0' });
  expect(recorded.lines).toEqual([{ number: 3, line: fact }]);
  expect(recorded.bad.map(({ number }) => number)).toEqual([2, 4, 5, 6, 7]);
  for (const { reason } of recorded.bad) expect(reason).toMatch(/^(it|its|a line) /);
  await expect(readRecording('/nowhere')).rejects.toMatchObject({ code: 'file.unreadable' });
});

const shape = fc.record(
  {
    t: fc.constantFrom('recording', 'tree', 'actor', 'event', 'state', 'gone', 'fact', 'constructor'),
    v: fc.constantFrom(1, 2),
    seq: fc.integer(),
    time: fc.constantFrom('2026-11-22T18:23:26.123Z', 'never'),
    version: fc.string(),
    id: fc.constantFrom('guardian', 'guardian/a', '__proto__'),
    to: fc.constantFrom('guardian', 'guardian/a'),
    from: fc.constantFrom(null, 'guardian'),
    parent: fc.constantFrom(null, 'guardian', 'nobody'),
    name: fc.string(),
    chart: fc.constantFrom('guardian', 'session', 'tunnel', 'toString'),
    kind: fc.constantFrom('chart', 'leaf'),
    type: fc.string(),
    tags: fc.array(fc.string()),
    value: fc.jsonValue(),
    status: fc.constantFrom('active', 'done', 'stopped'),
    input: fc.jsonValue(),
    event: fc.jsonValue(),
    fact: fc.jsonValue(),
    tree: fc.jsonValue(),
  },
  { requiredKeys: ['t'] },
);

test('no line and no recording is too odd to be read, folded and replayed', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.json(),
        shape.map((one) => JSON.stringify(one)),
      ),
      (text) => {
        const parsed = parseRecordedLine(text);
        if (!parsed.ok) expect(parsed.reason).not.toBe('');
      },
    ),
    { numRuns: 5_000 },
  );
  fc.assert(
    fc.property(fc.array(shape, { maxLength: 12 }), (shapes) => {
      const lines = shapes.flatMap((one, number) => {
        const parsed = parseRecordedLine(JSON.stringify(one));
        return parsed.ok && parsed.line.t !== 'recording' ? [{ number, line: parsed.line }] : [];
      });
      const past = new Past();
      for (const { line } of lines) past.add(line);
      expect(past.tree?.v ?? 1).toBe(1);
      expect(replay(lines).charts).toBeGreaterThanOrEqual(0);
    }),
    { numRuns: 500 },
  );
});
