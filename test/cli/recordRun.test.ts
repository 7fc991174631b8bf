import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Printer } from '../../src/cli/printer.js';
import { recorded } from '../../src/cli/recordRun.js';
import type { Guardian } from '../../src/guardian.js';
import { openFiles } from '../support/aftermath.js';

test('a run is recorded from before its start to its end, however it ends', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'record-'));
  const file = join(folder, 'run.ndjson');
  let listeners = 0;
  const feed = () => {
    listeners += 1;
    return () => void listeners--;
  };
  const printer = { say: (text: string) => expect.unreachable(text) } as unknown as Printer;
  const run = recorded(file, { feed } as unknown as Guardian, printer, async () => {
    expect([listeners, openFiles().includes(file)]).toEqual([1, true]);
    throw new Error('planted');
  });
  await expect(run).rejects.toThrow('planted');
  expect([listeners > 0, openFiles().includes(file)]).toEqual([false, false]);
  rmSync(folder, { recursive: true });
});
