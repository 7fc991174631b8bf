import type { Mount, SessionId, SkippedRow } from '../../machines/vocabulary.js';
import { readRows } from './rows.js';

// A path may hold a `|`, the client cannot.
const grammar = /^([^|]+)\|(\/.+)$/;

/** The output of x2golistmounts for one session. The paths are as the server wrote them: clean before showing. */
export function parseMounts(session: SessionId, text: string): { mounts: Mount[]; skipped: SkippedRow[] } {
  const { rows, skipped } = readRows(text, (line): Mount | string => {
    const [, client, mountpoint] = grammar.exec(line) ?? [];
    if (client === undefined || mountpoint === undefined) return 'expected client|/mountpoint';
    return { session, client, mountpoint };
  });
  return { mounts: rows, skipped };
}

export function formatMount({ client, mountpoint }: Mount): string {
  return `${client}|${mountpoint}`;
}
