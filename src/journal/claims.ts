import { readdirSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { codeOf, messageOf, randomHex, readOurs, remove, writeWhole } from './files.js';
import { take } from './holds.js';
import type { JournalEntry } from './journal.js';
import { type Owner, ourselves, standingOf } from './owner.js';
import type { Processes } from './processes.js';
import { entryText, type JournalRecord, ownerText, parseRecord, recordText } from './record.js';

/** A dead guardian's journal that is ours to work on: others pass it by while we live. */
export interface Claim {
  readonly record: JournalRecord;
  /** Gives it back with what is still to be told; with nothing it is removed. */
  giveBack(left: readonly JournalEntry[]): void;
}
export interface SkippedJournal {
  readonly path: string;
  readonly reason: string;
}

const journalName = /^(journal-\d+-\d*-[0-9a-f]{16}\.json)(?:@(\d+)-(\d*)-([0-9a-f-]*)@[0-9a-f]{16})?$/;

/**
 * Claims the journals whose owners are gone. A claim is a rename to a name that tells who claims: of two who try, one finds
 * nothing to rename, also where the first claimant died. It needs no room on the disk.
 */
export function claimLeft(folder: string, processes: Processes, skip: (journal: SkippedJournal) => void) {
  const us = ourselves(processes);
  return namesIn(folder, skip).flatMap((name): Claim[] => {
    const [, own, pid, startTime = '', boot = ''] = journalName.exec(name) ?? [];
    if (own === undefined) return [];
    const path = join(folder, name);
    const found = recordAt(path, skip);
    if (found === undefined || standingOf(found.owner, processes) !== 'gone') return [];
    if (pid !== undefined) {
      const claimant = { ...us, pid: Number(pid), startTime, boot };
      if (standingOf(claimant, processes) !== 'gone') return [];
    }
    const claimed = join(folder, `${own}@${us.pid}-${us.startTime}-${us.boot}@${randomHex()}`);
    if (!moved(path, claimed, skip)) return [];
    // Between the first look and the claim another one may have worked on it.
    const record = recordAt(claimed, skip);
    return record === undefined ? [] : [claimOn(record, claimed, join(folder, own))];
  });
}

function claimOn(record: JournalRecord, claimed: string, path: string): Claim {
  return {
    record,
    giveBack(left) {
      if (left.length === 0) return remove(claimed);
      try {
        if (left.length < record.entries.length)
          writeWhole(claimed, recordText(ownerText(record.owner), left.map(entryText)));
      } catch {
        // The disk is full: what was ended is found to be gone the next time.
      }
      moved(claimed, path, () => undefined);
    },
  };
}

/** Half-written files and holds of processes that were killed. */
export function sweep(folder: string, processes: Processes, now: number): void {
  const us: Owner = ourselves(processes);
  for (const name of namesIn(folder, () => undefined)) {
    try {
      const path = join(folder, name);
      if (/^(journal|hold)-.*\.tmp$/.test(name) && now - statSync(path).mtimeMs > abandonedAfterMs)
        remove(path);
      if (/^hold-[0-9a-f-]+~*$/.test(name)) take(path, us, processes)?.();
    } catch {
      // It lies there until the next reap.
    }
  }
}
/** Between its writing and its renaming a file is some microseconds old. */
const abandonedAfterMs = 60_000;

/** What a journal's file says. Undefined: it is gone, or was passed over. */
export function recordAt(path: string, skip: (journal: SkippedJournal) => void): JournalRecord | undefined {
  const contents = readOurs(path);
  const read = contents.ok ? parseRecord(contents.text) : contents;
  if ('record' in read) return read.record;
  if ('reason' in read && !('missing' in read && read.missing)) skip({ path, reason: read.reason });
  return undefined;
}

/** The paths of the journals that are there, claimed or not. */
export const journalNames = (folder: string, skip: (journal: SkippedJournal) => void): readonly string[] =>
  namesIn(folder, skip)
    .filter((name) => journalName.test(name))
    .map((name) => join(folder, name));

function namesIn(folder: string, skip: (journal: SkippedJournal) => void): string[] {
  try {
    return readdirSync(folder).sort();
  } catch (cause) {
    if (codeOf(cause) !== 'ENOENT') skip({ path: folder, reason: messageOf(cause) });
    return [];
  }
}

function moved(from: string, to: string, skip: (journal: SkippedJournal) => void): boolean {
  try {
    renameSync(from, to);
    return true;
  } catch (cause) {
    if (codeOf(cause) !== 'ENOENT') skip({ path: from, reason: messageOf(cause) });
    return false;
  }
}
