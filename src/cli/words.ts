import { clean } from '../protocol/text.js';
import type { GuardianEventOf, GuardianEventRecord } from '../records.js';
import { ageText, spanText } from './ages.js';
import { timeText } from './clock.js';

/** What the guardian's records say, in words for people. What a server wrote is made harmless here. */

const counted = (n: number, one: string, many = `${one}s`) => `${n} ${n === 1 ? one : many}`;
const doers = { me: 'by us', other: 'by somebody else', found: 'it was there before' } as const;

export function wordsOf(record: GuardianEventRecord): string {
  switch (record.event) {
    case 'guardian.started':
      return `guarding ${counted(record.profiles.length, 'profile')}`;
    case 'guardian.terminating':
      return `ending: ${record.reason}`;
    case 'guardian.terminated':
      return `ended; ${counted(record.report.length, 'resource')} given back`;
    case 'profile.connecting':
      return record.attempt > 1 ? `connecting, attempt ${record.attempt}` : 'connecting';
    case 'profile.connected':
      return connected(record);
    case 'profile.degraded':
      return `silent for ${spanText(record.silentMs)}; it may heal`;
    case 'profile.recovered':
      return 'heard again';
    case 'profile.lost':
      return `lost, next try in ${spanText(record.retryInMs)}: ${clean(record.failure.message)}`;
    case 'profile.failed':
      return `refused for good: ${clean(record.failure.message)}`;
    case 'profile.disconnected':
      return 'disconnected';
    case 'cache.refreshed':
      return refreshed(record);
    case 'cache.failed':
      return `${record.cache} are unknown: ${clean(record.failure.message)}`;
    default:
      return aboutSession(record);
  }
}

/** The same in one line with its time and profile, for a place where more lines stand. */
export function newsText(record: GuardianEventRecord): string {
  const profile = 'profile' in record ? [clean(record.profile)] : [];
  return [timeText(new Date(record.time)), ...profile, wordsOf(record)].join('  ');
}

type SessionRecord = Extract<GuardianEventRecord, { readonly session: string }>;

function aboutSession(record: SessionRecord): string {
  const who = doers[record.by];
  const session = clean(record.session);
  switch (record.event) {
    case 'session.registered': {
      const { command, kind, ageSeconds } = record;
      const what = command === '' ? kind : `${kind} ${clean(command)}`;
      return `${session} is ${record.state}, ${what}, ${ageText(ageSeconds)} old, ${who}`;
    }
    case 'session.terminated':
      return `${session} ${record.reason === 'agentGone' ? 'lost its agent on the server' : 'ended'}, ${who}`;
    case 'session.failed':
      return clean(record.failure.message);
    default:
      return `${session} ${verbOf(record)}, ${who}`;
  }
}

/** What last happened to a session, in a word for a column. */
export function verbOf(record: SessionRecord): string {
  if (record.event === 'session.registered') return record.by === 'found' ? 'found' : 'appeared';
  if (record.event === 'session.failed') return 'orphaned';
  if (record.event === 'session.terminated' && record.reason === 'agentGone') return 'agent gone';
  return record.event.slice('session.'.length);
}

function connected({ versions, features }: GuardianEventOf<'profile.connected'>): string {
  const version = versions.x2goserver;
  if (version === undefined) return 'connected';
  return `connected, X2Go ${clean(version)}, ${counted(features.length, 'feature')}`;
}

function refreshed(record: GuardianEventOf<'cache.refreshed'>): string {
  const { cache, counts, skippedRows, source, tookMs } = record;
  const n = counts[cache] ?? 0;
  const parts =
    cache === 'sessions' ? [`${counts.running ?? 0} running`, `${counts.suspended ?? 0} suspended`] : [];
  const skipped = skippedRows > 0 ? [`${counted(skippedRows, 'row')} not understood`] : [];
  const how = source === 'listing' ? [`in ${spanText(tookMs)}`] : [];
  return [counted(n, cache.slice(0, -1)), ...parts, ...skipped, ...how].join(', ');
}
