import type { LastError } from './tree.js';

/** One step of an actor's life. */
export interface HistoryEntry {
  /** RFC 3339, UTC, milliseconds. */
  readonly at: string;
  /** Of two steps of two actors, whose event came first: a cause has a smaller one than what follows from it. */
  readonly order: number;
  /** The type of the event that made it so. */
  readonly event: string;
  /** Its tag before; null when it appeared. */
  readonly from: string | null;
  /** Its tag from then on; how it ended, when it ended. */
  readonly to: string;
  /** XState's value of the state, as a path: `running.shown`. */
  readonly value: string;
  readonly failure?: { readonly code: string; readonly message: string };
}

/** As it is kept: times and paths are written out when somebody reads them. */
export interface Step extends Omit<HistoryEntry, 'at' | 'value'> {
  readonly at: number;
  readonly value: unknown;
}

/** Per actor. */
export const longestHistory = 100;

export const remember = (history: Step[], step: Step): void => {
  history.push(step);
  if (history.length > longestHistory) history.shift();
};

export const entriesOf = (history: readonly Step[]): readonly HistoryEntry[] =>
  history.map(({ at, value, ...step }) => ({
    at: new Date(at).toISOString(),
    ...step,
    value: pathOf(value),
  }));

/** `{ running: { shown: 'quiet' } }` as `running.shown.quiet`; parallel states side by side. */
export function pathOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null) return '';
  const parts = Object.entries(value).map(([key, below]) => {
    const path = pathOf(below);
    return path === '' ? key : `${key}.${path}`;
  });
  return parts.length === 1 ? (parts[0] ?? '') : parts.map((part) => `(${part})`).join('');
}

/** What a profile does beside being connected. */
const besides = new Set(['refreshing', 'watching']);

/** The one tag that says how it is. */
export function tagOf(tags: Iterable<string>): string {
  for (const tag of tags) if (!besides.has(tag)) return tag;
  return '';
}

/** A profile looks and rests every few seconds: of it only what changes its tag is worth remembering. */
export const isStep = (chart: string, isTagChanged: boolean, error: LastError | undefined): boolean =>
  isTagChanged || error !== undefined || chart !== 'profile';
