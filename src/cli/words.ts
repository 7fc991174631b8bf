import type { Author } from '../../machines/vocabulary.js';
import { clean } from '../protocol/text.js';
import type { GuardianEventOf, GuardianEventRecord } from '../records.js';
import { ageText, spanText } from './ages.js';
import { progressText, proxyText, reapText, timesText, tunnelText } from './attachmentWords.js';
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
    case 'session.progress':
      return progressText(record);
    case 'tunnel.opened':
    case 'tunnel.stalled':
    case 'tunnel.closed':
    case 'tunnel.failed':
      return tunnelText(record);
    case 'proxy.started':
    case 'proxy.stalled':
    case 'proxy.exited':
      return proxyText(record);
    case 'reap.ended':
      return reapText(record);
    default:
      return changeText(record);
  }
}

/** The same in one line with its time and profile, for a place where more lines stand. */
export function newsText(record: GuardianEventRecord): string {
  const profile = 'profile' in record && record.profile !== undefined ? [clean(record.profile)] : [];
  return [timeText(new Date(record.time)), ...profile, wordsOf(record)].join('  ');
}

/** Records of a session's state. */
export type SessionChange = Extract<GuardianEventRecord, { readonly by: Author }>;

function changeText(record: SessionChange): string {
  const who = doers[record.by];
  const session = clean(record.session ?? 'a start');
  switch (record.event) {
    case 'session.registered': {
      const { command, kind, ageSeconds } = record;
      const what = command === '' ? kind : `${kind} ${clean(command)}`;
      return `${session} is ${record.state}, ${what}, ${ageText(ageSeconds)} old, ${who}`;
    }
    case 'session.started': {
      return `${session} started${timesText(record)}, ${who}`;
    }
    case 'session.recovering':
      return `${session} is being brought back: ${clean(record.failure.message)}`;
    case 'session.suspended': {
      const why = record.failure === undefined ? '' : `: ${clean(record.failure.message)}`;
      return `${session} suspended, ${who}${why}`;
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
export function verbOf(record: SessionChange): string {
  if (record.event === 'session.registered') return record.by === 'found' ? 'found' : 'appeared';
  if (record.event === 'session.failed')
    return record.failure.code === 'session.orphaned' ? 'orphaned' : 'failed';
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
