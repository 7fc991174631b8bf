import type { ListedSession, SessionId } from '../../machines/vocabulary.js';
import type { Guardian } from '../guardian.js';
import { guardedSessions } from '../journal/guarded.js';
import type { Journal } from '../journal/journal.js';
import { openJournal } from '../journal/openJournal.js';
import type { Context } from './command.js';
import { Deadline } from './deadline.js';
import { endAll, endPatience } from './endSessions.js';
import type { ProfileFailure, Sparing } from './records.js';
import type { EndOptions } from './sessionOptions.js';
import type { Sieve } from './sieve.js';
import type { Found } from './sweep.js';
import { tellSpared } from './sweepText.js';

interface Sweeping {
  readonly context: Context;
  readonly options: EndOptions;
  readonly meant: Set<SessionId>;
}

/** Each of them takes a small server a second or two. */
const atOnce = 4;

/** Ends what was chosen of one profile, a few at a time, each few after a listing of their own. Never rejects. */
export async function endFound(
  guardian: Guardian,
  { profile, chosen }: Found,
  sieve: Sieve,
  { context, options, meant }: Sweeping,
): Promise<readonly ProfileFailure[]> {
  const failures: ProfileFailure[] = [];
  // Nobody of ours here brings one back while it is being ended.
  const journal = openJournal();
  const spare = (session: SessionId, reason: Sparing) =>
    tellSpared(profile.id, session, reason, options, context);
  try {
    for (let at = 0; at < chosen.length && !context.ending.asked.aborted; at += atOnce) {
      const few = chosen.slice(at, at + atOnce);
      const deadline = new Deadline(options.timeout ?? endPatience);
      deadline.start();
      const find = (sessions: readonly ListedSession[]) =>
        few.flatMap((row) => {
          const reason = reasonToSpare(row, sessions, journal);
          if (reason !== undefined) spare(row.session, reason);
          return reason === undefined ? [() => row.session] : [];
        });
      const ending = endAll(guardian, profile, 'terminate', find, {
        ...{ deadline, context, options, meant },
        unlessUsed: sieve.state === 'suspended',
        isFine: ({ code }, session) => {
          const reason =
            code === 'session.takenOver' ? 'used' : code === 'session.unknown' ? 'gone' : undefined;
          if (reason !== undefined) spare(session, reason);
          return reason !== undefined;
        },
      });
      guardian.refresh(profile.id);
      failures.push(...(await ending));
      deadline.close();
    }
  } finally {
    journal.close();
  }
  return failures;
}

/** Whether it is as it was when it was chosen, and nobody here has to do with it. */
function reasonToSpare(
  row: ListedSession,
  now: readonly ListedSession[],
  journal: Journal,
): Sparing | undefined {
  const seen = now.find(({ session }) => session === row.session);
  if (seen === undefined) return 'gone';
  if (seen.state !== row.state || seen.changedAt !== row.changedAt) return 'used';
  const isFree = journal.hold(row.session) !== undefined && !guardedSessions().has(row.session);
  return isFree ? undefined : 'guarded';
}
