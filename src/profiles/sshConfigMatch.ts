import { lowerAscii, matchesList, matchesPattern } from '../protocol/wildcards.js';
import { type ConfigLine, shown } from './sshConfigLine.js';

/** What the patterns of Host and Match are held against. */
export interface MatchSubject {
  /** As it was asked for. */
  readonly originalHost: string;
  /** The name that is connected to, as far as it is known by now. */
  readonly target: string;
  readonly user: string;
  readonly localUser: string;
  readonly isFinal: boolean;
}

export type Matched =
  | { readonly ok: true; readonly matches: boolean; readonly asksFinal: boolean; readonly unrun?: string }
  | { readonly ok: false; readonly reason: string };

/** `Host a* !b`: one matching `!pattern` rules the section out. */
export function matchesHost(patterns: readonly string[], host: string): boolean {
  const hits = patterns.filter((pattern) => matchesPattern(host, pattern.replace(/^!/, '')));
  return hits.length > 0 && !hits.some((pattern) => pattern.startsWith('!'));
}

/** The criteria of a Match line. What `exec` names is never run: it does not match, negated or not, and is told (`unrun`). */
export function matchCriteria({ rest }: ConfigLine, subject: MatchSubject): Matched {
  const words = splitCriteria(rest);
  let matches = true;
  let asksFinal = false;
  let unrun: string | undefined;
  let count = 0;
  for (let at = 0; at < words.length && words[at]?.startsWith('#') === false; ) {
    const negated = words[at]?.startsWith('!') === true;
    const name = (words[at] ?? '').slice(negated ? 1 : 0).toLowerCase();
    at += 1;
    if (name === 'all') {
      const isAlone = count <= 1 && (words[at] ?? '#').startsWith('#');
      if (!isAlone) return { ok: false, reason: 'Match all stands alone' };
      return { ok: true, matches: matches && !negated, asksFinal };
    }
    count += 1;
    if (name === 'final' || name === 'canonical') {
      asksFinal ||= name === 'final';
      if (subject.isFinal === negated) matches = false;
      continue;
    }
    const value = words[at] ?? '';
    if (value === '' || value.startsWith('#'))
      return { ok: false, reason: `Match ${shown(name)} says not what` };
    at += 1;
    const hit = criterion(name, value, subject);
    if (hit === 'unasked') {
      if (matches) unrun = name;
      matches = false;
    } else if (hit === undefined) return { ok: false, reason: `Match cannot ask for ${shown(name)}` };
    else if (hit === negated) matches = false;
  }
  if (count === 0) return { ok: false, reason: 'Match without a criterion' };
  return { ok: true, matches, asksFinal, ...(unrun === undefined ? {} : { unrun }) };
}

function criterion(name: string, value: string, subject: MatchSubject): boolean | 'unasked' | undefined {
  switch (name) {
    case 'host':
      return matchesList(lowerAscii(subject.target), lowerAscii(value));
    case 'originalhost':
      return matchesList(lowerAscii(subject.originalHost), lowerAscii(value));
    case 'user':
      return matchesList(subject.user, value);
    case 'localuser':
      return matchesList(subject.localUser, value);
    case 'exec':
    // Those of newer versions of ssh.
    case 'localnetwork':
    case 'tagged':
    case 'version':
    case 'sessiontype':
    case 'command':
      return 'unasked';
    default:
      return undefined;
  }
}

/** Match has words of its own kind: blanks or one = between them, double quotes only, no escapes. */
function splitCriteria(rest: string): string[] {
  const words: string[] = [];
  const word = /"([^"]*)"[ \t\r]*|([^ \t\r="]+)(?:[ \t\r]*=[ \t\r]*|[ \t\r]+|$)/gy;
  for (const [, quoted, bare] of rest.matchAll(word)) words.push(quoted ?? bare ?? '');
  return words;
}
