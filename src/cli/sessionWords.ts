import type { ListedSession, SessionId } from '../../machines/vocabulary.js';
import { X2GoError } from '../errors.js';
import { isSessionId } from '../protocol/sessionName.js';
import { clean } from '../protocol/text.js';
import type { Config } from './configSchema.js';
import type { CommonOptions } from './options.js';
import type { PickOptions } from './sessionOptions.js';

export interface SplitWords {
  readonly targets: readonly string[];
  readonly names: readonly string[];
}

/**
 * `[target] NAME...`: the first word is a target when it looks like one, is the name of a profile, or when nothing
 * else says where to go.
 */
export function splitWords(
  words: readonly string[],
  { server }: Pick<CommonOptions, 'server'>,
  config: Config | undefined,
  isSessionProfile: (word: string) => boolean = () => false,
): SplitWords {
  const [first, ...rest] = words;
  if (first === undefined || server !== undefined) return { targets: [], names: words };
  const isProfile = isSessionProfile(first) || (config?.profiles.some(({ id }) => id === first) ?? false);
  const isPlace = /[@:]/.test(first) && !isDesktopWord(first);
  const isAll = config === undefined && !isDesktopWord(first);
  const isTarget = !isSessionId(first) && (isProfile || isPlace || isAll);
  return isTarget ? { targets: [first], names: rest } : { targets: [], names: words };
}

/** `bob@:51` or `:51`. */
export const isDesktopWord = (word: string): boolean => /^(?:[^@:\s]+@)?:\d+$/.test(word);

/** The sessions that are meant. Throws usage.invalid where none is, or where `--newest` is one too many. */
export function checkNames(names: readonly string[], { newest, oldest }: PickOptions, most: number): void {
  const picks = newest === true || oldest === true;
  if (picks && names.length > 0)
    throw wrong(`${newest ? '--newest' : '--oldest'} says which session: leave ${names[0]} out`);
  if (!picks && names.length === 0)
    throw wrong('Which session is not said: give its name, a part of it, --newest or --oldest');
  if (names.length > most) throw wrong(`One session is wanted, not ${names.length}: ${names.join(', ')}`);
}

/** A full name, or as much of one as fits one session alone. Throws session.unknown, with those it could mean. */
export function findSession(name: string, sessions: readonly ListedSession[]): SessionId {
  const all = sessions.map(({ session }) => session);
  if (all.includes(name)) return name;
  const beginning = all.filter((session) => session.startsWith(name));
  const fitting = beginning.length > 0 ? beginning : all.filter((session) => session.includes(name));
  const [only, ...more] = fitting;
  if (only === undefined) throw unknown(`There is no session ${JSON.stringify(name)} there`, all);
  if (more.length > 0) throw unknown(`${JSON.stringify(name)} fits ${fitting.length} sessions`, fitting);
  return only;
}

/** Whoever shows a desktop of somebody's has nothing to come back to. */
export function pickSession({ newest }: PickOptions, sessions: readonly ListedSession[]): SessionId {
  const own = sessions.filter(({ kind, state }) => kind !== 'shadow' && state !== 'terminated');
  const [youngest, ...older] = [...own].sort((a, b) => a.ageSeconds - b.ageSeconds);
  const picked = newest === true ? youngest : (older.at(-1) ?? youngest);
  if (picked === undefined) throw unknown('There is no session there', []);
  return picked.session;
}

const wrong = (message: string) => new X2GoError('usage.invalid', message);
const unknown = (message: string, candidates: readonly string[]) => {
  const list = candidates.length === 0 ? '' : `: ${candidates.map(clean).join(', ')}`;
  return new X2GoError('session.unknown', `${message}${list}`);
};
