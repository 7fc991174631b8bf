import type { FeedLine } from '../../src/inspection/feed.js';
import type { HistoryEntry } from '../../src/inspection/history.js';
import { valueText } from './words.js';

/** One step of an actor's life, in words. */
export interface Step {
  readonly time: string;
  readonly words: string;
}

const ends = new Set(['done', 'error', 'stopped']);

/** The last steps of an actor, the latest first: those that the page saw, and those that only the guardian remembers. */
export function stepsOf(
  id: string,
  lines: readonly FeedLine[],
  earlier: readonly HistoryEntry[],
  { now, most }: { readonly now: number; readonly most: number },
): readonly Step[] {
  const steps: Step[] = [];
  for (let n = lines.length - 1; n >= 0 && steps.length < most; n--) {
    const line = lines[n];
    if (line !== undefined && isStepOf(line, id)) steps.push({ time: line.time, words: lineWords(line) });
  }
  const seen = new Set(steps.map(({ time }) => time));
  for (let n = earlier.length - 1; n >= 0; n--) {
    const entry = earlier[n];
    if (entry !== undefined && !seen.has(entry.at) && Date.parse(entry.at) <= now)
      steps.push({ time: entry.at, words: entryWords(entry) });
  }
  // All times are written alike.
  return steps
    .sort((one, other) => Number(other.time > one.time) - Number(other.time < one.time))
    .slice(0, most);
}

const isStepOf = (line: FeedLine, id: string) =>
  (line.t === 'state' && line.id === id && (line.edge !== undefined || line.error !== undefined)) ||
  ((line.t === 'actor' || line.t === 'gone') && line.id === id);

function lineWords(line: FeedLine): string {
  if (line.t === 'actor') return 'appeared';
  if (line.t === 'gone') return line.error ? `${line.status}: ${line.error.message}` : line.status;
  if (line.t !== 'state') return '';
  const event = line.edge?.map((edge) => edge.event).find((name) => name !== '') ?? 'at once';
  const error = line.error ? `  (${line.error.message})` : '';
  return `${valueText(line.value)}  ←  ${event}${error}`;
}

function entryWords({ event, from, to, value, failure }: HistoryEntry): string {
  if (ends.has(to)) return failure ? `${to}: ${failure.message}` : to;
  const cause = from === null ? 'appeared' : event;
  return `${value}  ←  ${cause}${failure ? `  (${failure.message})` : ''}`;
}
