import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JournalEntry } from '../../../src/journal/journal.js';
import { type Owner, ourselves } from '../../../src/journal/owner.js';
import { processesIn } from '../../../src/journal/processes.js';
import { entryText, ownerText, recordText } from '../../../src/journal/record.js';

export const profile = { id: 'office', host: 'x2go.example.org', port: 22, user: 'alice' };
export const session = 'alice-50-1795371132_stDxterm_dp24';

/** A state folder, and a root for directories, of one test. */
export interface Place {
  readonly folder: string;
  readonly root: string;
  /** The names in the state folder. */
  names(): string[];
  /** The text of the only file there. */
  text(): string;
  [Symbol.dispose](): void;
}

export function makePlace(): Place {
  const base = mkdtempSync(join(tmpdir(), 'journal-test-'));
  const place = { folder: join(base, 'state'), root: join(base, 'root') };
  mkdirSync(place.root);
  const names = () => readdirSync(place.folder);
  return {
    ...place,
    names,
    text: () => readFileSync(join(place.folder, names().join('?')), 'utf8'),
    [Symbol.dispose]: () => rmSync(base, { recursive: true, force: true }),
  };
}

/** A process of this machine that is no more: its number cannot be one that lives. */
export const deadOwner = (): Owner => ({ ...ourselves(processesIn()), pid: 2 ** 30, startTime: '1' });

const hex = (count: number) => count.toString(16).padStart(16, '0');
let planted = 0;

/** A journal as a killed guardian leaves it. Gives its path. */
export function plant(
  { folder }: Place,
  entries: readonly JournalEntry[],
  owner: Owner = deadOwner(),
  text = recordText(ownerText(owner), entries.map(entryText)),
): string {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  planted += 1;
  const path = join(folder, `journal-${owner.pid}-${owner.startTime}-${hex(planted)}.json`);
  writeFileSync(path, text, { mode: 0o600 });
  return path;
}
