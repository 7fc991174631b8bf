import { join } from 'node:path';
import type { SessionId } from '../../machines/vocabulary.js';
import { X2GoError } from '../errors.js';
import { codeOf, makeFolder, messageOf, randomHex, remove, stateFolder, writeWhole } from './files.js';
import { holdFile, take } from './holds.js';
import type { Journal, JournalEntry } from './journal.js';
import { ourselves, startTimeOf } from './owner.js';
import { processesIn } from './processes.js';
import { entryText, ownerText, recordText } from './record.js';

export interface JournalOptions {
  /** @default $XDG_STATE_HOME/x2go-guardian, or ~/.local/state/x2go-guardian */
  readonly folder?: string;
  /** Told once, when something could not be written: from then on a crash may leave what no reap finds. */
  readonly trouble?: (failure: X2GoError) => void;
}

/** A journal of its own for one guardian. Its file is there only while something is noted in it. */
export function openJournal({ folder = stateFolder(), trouble }: JournalOptions = {}): Journal {
  const processes = processesIn();
  const us = ourselves(processes);
  const head = ownerText(us);
  const path = join(folder, `journal-${us.pid}-${us.startTime}-${randomHex()}.json`);
  const noted = new Map<symbol, string>();
  const held = new Map<SessionId, () => void>();
  let made = false;
  let told = false;
  let closed = false;

  /** A disk that could not be written may have been mended since, a folder removed: each call tries again. */
  const attempt = (write: () => void, again = made): void => {
    try {
      if (!made) makeFolder(folder);
      made = true;
      write();
    } catch (cause) {
      const removed = codeOf(cause) === 'ENOENT';
      if (removed) made = false;
      if (removed && again) return void attempt(write, false);
      if (!told) tell(trouble, folder, cause);
      told = true;
    }
  };
  const save = () =>
    attempt(() => (noted.size > 0 ? writeWhole(path, recordText(head, noted.values())) : remove(path)));

  return {
    note(entry) {
      if (closed) return ignore;
      const key = Symbol();
      attempt(() => noted.set(key, entryText(dated(entry))));
      save();
      return () => {
        if (noted.delete(key) && !closed) save();
      };
    },
    hold(session) {
      if (closed || held.has(session)) return undefined;
      // Without a disk nobody can be told: then this journal alone tells its own apart.
      const hold = { free: ignore as (() => void) | undefined };
      attempt(() => {
        hold.free = take(holdFile(folder, session, us), us, processes);
      });
      const { free } = hold;
      if (free === undefined) return undefined;
      const release = () => {
        if (held.get(session) !== release) return;
        held.delete(session);
        free();
      };
      held.set(session, release);
      return release;
    },
    close() {
      if (closed) return;
      closed = true;
      for (const release of [...held.values()]) release();
      noted.clear();
      remove(path);
    },
  };

  function dated(entry: JournalEntry): JournalEntry {
    if (entry.kind !== 'child' || entry.startTime !== undefined) return entry;
    return { ...entry, startTime: startTimeOf(processes, entry.pid) };
  }
}

const ignore = () => undefined;

function tell(trouble: JournalOptions['trouble'], folder: string, cause: unknown): void {
  const what = `What a crash would leave cannot be noted in ${folder}: ${messageOf(cause)}`;
  try {
    trouble?.(new X2GoError('file.unwritable', what, { cause }));
  } catch {
    // A listener's fault is not the disk's.
  }
}
