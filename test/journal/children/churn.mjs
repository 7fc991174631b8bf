// Takes and lets go of one hold again and again, of the built package; counts when another one was in it too.
import { closeSync, openSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { openJournal } from '../../../dist/src/journal/openJournal.js';

const [folder, room, forMs] = process.argv.slice(2);
const journal = openJournal({ folder });
const until = Date.now() + Number(forMs);
const inside = join(room, 'inside');
let held = 0;
let shared = 0;
while (Date.now() < until) {
  const release = journal.hold('s');
  if (release === undefined) continue;
  held += 1;
  try {
    closeSync(openSync(inside, 'wx'));
    for (const end = performance.now() + 0.05; performance.now() < end; );
    unlinkSync(inside);
  } catch {
    shared += 1;
  }
  release();
}
process.stdout.write(`${JSON.stringify({ held, shared })}\n`);
