import { readFileSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';
import { codeOf } from './files.js';

/** A process as /proc shows it; one that has ended and waits for its parent counts as gone. */
export interface Running {
  readonly startTime: string;
  /** Its words with blanks between them. */
  readonly command: string;
}

export interface Processes {
  /** Whether processes can be looked up here. Where not, none can be matched and none is ended. */
  readonly known: boolean;
  /** Changes with every boot: then pids mean nothing. */
  readonly boot: string;
  /** Within which pids mean something. */
  readonly namespace: string;
  /** Throws when it cannot be told (no file descriptor is free). */
  find(pid: number): Running | undefined;
}

export function processesIn(proc = '/proc'): Processes {
  const read = (path: string) => attempt(() => readFileSync(`${proc}/${path}`, 'utf8').trim());
  // In a pid namespace without a /proc of its own the numbers there are not ours.
  const known = attempt(() => readlinkSync(`${proc}/self`)) === String(process.pid);
  return {
    known,
    boot: read('sys/kernel/random/boot_id'),
    namespace: attempt(() => readlinkSync(`${proc}/self/ns/pid`)),
    find(pid) {
      if (!known) return undefined;
      try {
        const stat = parseStat(readFileSync(`${proc}/${pid}/stat`, 'utf8'));
        if (stat === undefined || stat.ended) return undefined;
        const words = readFileSync(`${proc}/${pid}/cmdline`, 'utf8').split('\0');
        return { startTime: stat.startTime, command: words.join(' ').trim() };
      } catch (cause) {
        if (codeOf(cause) === 'ENOENT' || codeOf(cause) === 'ESRCH') return undefined;
        throw cause;
      }
    },
  };
}

/** The program's name, in brackets, may hold blanks and brackets itself: what counts follows the last one. */
export function parseStat(text: string): { startTime: string; ended: boolean } | undefined {
  const fields = text.slice(text.lastIndexOf(')') + 1).match(/\S+/g) ?? [];
  const [state, startTime] = [fields[0], fields[19]];
  if (state === undefined || startTime === undefined || !/^\d+$/.test(startTime)) return undefined;
  return { startTime, ended: state === 'Z' || state === 'X' };
}

/**
 * Whether a running command can be the noted one. `setpriv ... nxproxy -S` becomes `nxproxy -S`, a script `nxproxy` runs
 * as `sh /usr/bin/nxproxy`, and a path may have been looked up: one must be part of the other, word by word.
 */
export function isSameCommand(noted: string, running: string): boolean {
  const [wanted, shown] = [wordsOf(noted), wordsOf(running)];
  if (wanted.length === 0 || shown.length === 0) return false;
  return holds(shown, wanted) || endsWith(wanted, shown);
}

const wordsOf = (command: string) => command.match(/\S+/g) ?? [];
const startsAt = (words: readonly string[], part: readonly string[], at: number) =>
  at >= 0 &&
  at + part.length <= words.length &&
  part.every((word, index) => {
    const other = words[at + index] ?? '';
    return word === other || (index === 0 && basename(word) === basename(other));
  });
const holds = (words: readonly string[], part: readonly string[]) =>
  words.some((_, at) => startsAt(words, part, at));
const endsWith = (words: readonly string[], part: readonly string[]) =>
  startsAt(words, part, words.length - part.length);

function attempt(read: () => string): string {
  try {
    return read();
  } catch {
    return '';
  }
}
