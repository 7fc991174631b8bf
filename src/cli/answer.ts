import type { Failure, ListedSession, Profile, ProfileId } from '../../machines/vocabulary.js';
import type { Guardian } from '../guardian.js';
import type { ListingName } from './arguments.js';
import type { Deadline } from './deadline.js';
import { type CliRecord, desktopListed, featureListed, mountListed, sessionListed } from './records.js';

/** What one profile had to say, or why it said nothing. */
export type Answer =
  | {
      readonly profile: ProfileId;
      readonly rows: readonly CliRecord[];
      readonly skippedRows: number;
      readonly tookMs: number;
    }
  | { readonly profile: ProfileId; readonly failure: Failure };

/** The first answer of one profile, whatever it is: a line that is lost is not waited for. Of sessions, those that are kept. Never rejects. */
export function firstAnswer(
  guardian: Guardian,
  { id: profile }: Profile,
  what: ListingName,
  deadline: Deadline,
  keeps: (row: ListedSession) => boolean = () => true,
): Promise<Answer> {
  return new Promise((resolve) => {
    const settle = (answer: Answer) => {
      for (const off of listeners) off();
      deadline.signal.removeEventListener('abort', late);
      resolve(answer);
    };
    const fail = (failure: Failure) => settle({ profile, failure });
    const late = () => {
      const why = guardian.profiles().find((one) => one.profile.id === profile);
      const message = `No answer within ${deadline.ms} ms: it is ${why?.state ?? 'disconnected'}`;
      fail({ code: 'call.timedOut', message, retryable: true });
    };
    const mine = (record: { readonly profile: ProfileId }) => record.profile === profile;
    const listeners = [
      guardian.on('profile.lost', (record) => mine(record) && fail(record.failure)),
      guardian.on('profile.failed', (record) => mine(record) && fail(record.failure)),
      guardian.on('cache.failed', (record) => mine(record) && record.cache === what && fail(record.failure)),
      guardian.on('cache.refreshed', (record) => {
        if (!mine(record) || record.cache !== what) return;
        // The fact is told while the cache is being filled.
        queueMicrotask(() =>
          settle({
            profile,
            rows: rowsOf(guardian, profile, what, keeps),
            skippedRows: record.skippedRows,
            tookMs: record.tookMs,
          }),
        );
      }),
      guardian.on('profile.connected', (record) => {
        if (!mine(record) || what !== 'features') return;
        settle({
          profile,
          rows: record.features.map((one) => featureListed(profile, one)),
          skippedRows: 0,
          tookMs: 0,
        });
      }),
    ];
    deadline.signal.addEventListener('abort', late, { once: true });
  });
}

function rowsOf(
  guardian: Guardian,
  profile: ProfileId,
  what: ListingName,
  keeps: (row: ListedSession) => boolean,
): readonly CliRecord[] {
  switch (what) {
    case 'sessions':
      return (guardian.sessions(profile)?.value ?? [])
        .filter(keeps)
        .map((row) => sessionListed(profile, row));
    case 'desktops':
      return (guardian.desktops(profile)?.value ?? []).map((row) => desktopListed(profile, row));
    case 'mounts':
      return (guardian.mounts(profile)?.value ?? []).map((row) => mountListed(profile, row));
    case 'features':
      return [];
  }
}
