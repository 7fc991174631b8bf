// A process with a journal, of the built package: notes, holds or reaps as it is told, until it is killed.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openJournal } from '../../../dist/src/journal/openJournal.js';
import { reap } from '../../../dist/src/journal/reap.js';

const [task, folder, root, at] = process.argv.slice(2);
const profile = { id: 'office', host: 'x2go.example.org', port: 22, user: 'alice' };
const tell = (what) => process.stdout.write(`${JSON.stringify(what)}\n`);
const journal = () =>
  openJournal({ folder, trouble: ({ code, message }) => troubles.push({ code, message }) });
const troubles = [];

const tasks = {
  leave() {
    const { note } = journal();
    const directory = mkdtempSync(join(root, 'x2go-guardian-'));
    note({ kind: 'directory', path: directory });
    mkdirSync(join(directory, 'S-alice-50'));
    for (const name of ['options', 'S-alice-50/session']) writeFileSync(join(directory, name), 'x');
    const child = spawn('sleep', ['1000'], { stdio: 'ignore', detached: true });
    note({ kind: 'child', pid: child.pid, command: 'sleep 1000' });
    note({ kind: 'start', marker: 'f00d', profile });
    note({ kind: 'session', session: 'alice-50-1795371132_stDxterm_dp24', profile });
    tell({ directory, pid: child.pid });
    setInterval(() => undefined, 1_000);
  },
  notes() {
    const { note } = journal();
    const strikes = [];
    for (let count = 0; ; count++) {
      strikes.push(note({ kind: 'session', session: `alice-${count}-${'x'.repeat(40)}`, profile }));
      if (count === 0) tell('begun');
      if (strikes.length > 200) strikes.shift()();
    }
  },
  hold() {
    tell({ held: journal().hold(root) !== undefined });
    setInterval(() => undefined, 1_000);
  },
  async reap() {
    await new Promise((resolve) => setTimeout(resolve, Number(at) - Date.now()));
    tell(await reap({ folder, roots: [root] }));
  },
  /** On a disk where nothing fits, or nothing may be written. */
  full() {
    const { note, hold } = journal();
    const strikes = [1, 2, 3].map((count) =>
      note({ kind: 'session', session: `alice-${count}-${'x'.repeat(2_000)}`, profile }),
    );
    const holds = [hold('s') !== undefined, hold('s') !== undefined];
    for (const strike of strikes) strike();
    tell({ troubles, holds });
  },
  async mounted() {
    const result = await reap({ folder, roots: [root] });
    tell({ ...result, precious: existsSync(at) });
  },
};
await tasks[task]();
