import { readFileSync } from 'node:fs';

export interface ProcessStat {
  /** One letter: R, S, D, T (stopped), t (traced), Z ... */
  readonly state: string;
  /** Clock ticks from boot to its start: with the pid it names a process for good. */
  readonly startTime: string;
}

/** A process as Linux shows it. Undefined: it is gone, or this is no Linux. */
export function processStat(pid: number): ProcessStat | undefined {
  try {
    return parseStat(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return undefined;
  }
}

/** Fields 3 and 22. The name before them is in parentheses, and may itself hold blanks and parentheses. */
export function parseStat(text: string): ProcessStat | undefined {
  const close = text.lastIndexOf(')');
  const fields = text.slice(close + 2).split(' ');
  const [state = '', startTime = ''] = [fields[0], fields[19]];
  if (close < 0 || !/^[A-Za-z]$/.test(state) || !/^[0-9]+$/.test(startTime)) return undefined;
  return { state, startTime };
}
