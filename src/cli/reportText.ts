import type { ReportEntry } from '../../machines/vocabulary.js';
import { clean } from '../protocol/text.js';
import { spanText } from './ages.js';
import type { Board, ProfileRow } from './board.js';
import { placeOf } from './target.js';

const outcomes: Readonly<Record<ReportEntry['outcome'], string>> = {
  closed: 'closed',
  cut: 'cut, since the line was dead',
  forced: 'ended by force',
  failed: 'not known to be gone',
};
export const isGrave = ({ outcome }: ReportEntry) => outcome === 'forced' || outcome === 'failed';

/** What was done at the end, in words. */
export function reportText(board: Board, report: readonly ReportEntry[], reason: string): string {
  const { rows, now, startedAt } = board;
  const profiles = `${rows.length} ${rows.length === 1 ? 'profile' : 'profiles'}`;
  return [
    `Guarded ${profiles} for ${spanText(now - startedAt)}, ended: ${reason}.`,
    ...rows.map((row) => `  ${aboutProfile(row, report)}`),
    closingText(report),
  ].join('\n');
}

/** Whether everything is closed, and what is not. */
export function closingText(report: readonly ReportEntry[]): string {
  const grave = report.filter(isGrave);
  if (grave.length === 0) return 'Everything of ours is closed.';
  return `Not everything ended politely:\n${grave.map((entry) => `  ${aboutEntry(entry)}`).join('\n')}`;
}

function aboutProfile({ profile, sessions, failure }: ProfileRow, report: readonly ReportEntry[]): string {
  const own = report.filter(({ id }) => id === profile.id);
  const transport = own.find(({ kind }) => kind === 'transport');
  const line = transport === undefined ? 'never connected' : outcomes[transport.outcome];
  const tookMs = own.find(({ kind }) => kind === 'profile')?.tookMs;
  const place = `${profile.user}@${placeOf(profile.host, profile.port)}`;
  const name = profile.id === place ? clean(place) : `${clean(profile.id)} (${clean(place)})`;
  const took = tookMs === undefined ? '' : ` in ${spanText(tookMs)}`;
  const why = failure === undefined ? '' : `; ${clean(failure.message)}`;
  return `${name}: ${line}${took}${goOn([...sessions.values()].map(({ state }) => state))}${why}`;
}

/** What others started goes on without us. */
function goOn(states: readonly string[]): string {
  const alive = states.filter((state) => state !== 'terminated');
  if (alive.length === 0) return '';
  const counts = new Map<string, number>();
  for (const state of alive) counts.set(state, (counts.get(state) ?? 0) + 1);
  const parts = [...counts].map(([state, n]) => `${n} ${state}`).join(', ');
  return `; ${alive.length} ${alive.length === 1 ? 'session goes' : 'sessions go'} on there: ${parts}`;
}

const aboutEntry = ({ kind, id, outcome, tookMs, failure }: ReportEntry) =>
  `${kind} ${clean(id)}: ${outcomes[outcome]} after ${spanText(tookMs)}${failure === undefined ? '' : ` (${clean(failure)})`}`;
