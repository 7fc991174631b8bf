import { readdirSync, readFileSync, statSync } from 'node:fs';
import { eventually } from './eventually.js';

export interface SeenProcess {
  readonly pid: number;
  readonly ppid: number;
  readonly uid: number;
  /** One letter of /proc/PID/stat: R, S, T (stopped), Z (zombie) ... */
  readonly state: string;
  readonly comm: string;
  readonly cmdline: string;
  /** Clock ticks since boot; with the pid it names a process for good. */
  readonly startedAt: string;
}

/** One process as /proc shows it; undefined when there is none. */
export function lookAt(pid: number): SeenProcess | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const close = stat.lastIndexOf(')'); // the name in parentheses may itself hold blanks and parentheses
    const fields = stat.slice(close + 2).split(' ');
    return {
      pid,
      ppid: Number(fields[1]),
      uid: statSync(`/proc/${pid}`).uid,
      state: fields[0] ?? '?',
      comm: stat.slice(stat.indexOf('(') + 1, close),
      cmdline: readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim(),
      startedAt: fields[19] ?? '?',
    };
  } catch {
    return undefined; // it ended between two reads
  }
}

/** All processes of the machine that a predicate picks, zombies left out. */
export function findProcesses(pick: (seen: SeenProcess) => boolean): SeenProcess[] {
  return readdirSync('/proc')
    .filter((name) => /^[0-9]+$/.test(name))
    .map((name) => lookAt(Number(name)))
    .filter((seen): seen is SeenProcess => seen !== undefined && seen.state !== 'Z' && pick(seen));
}

export const processesOf = (uid: number): SeenProcess[] => findProcesses((seen) => seen.uid === uid);
export const childrenOf = (ppid: number): SeenProcess[] => findProcesses((seen) => seen.ppid === ppid);

export function isAlive(pid: number): boolean {
  const seen = lookAt(pid);
  return seen !== undefined && seen.state !== 'Z';
}

/** Sends a signal; a process that is gone already is no error. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ESRCH') throw cause;
  }
}

/** Ends what `find` finds until it finds nothing: SIGTERM first, SIGKILL after `politeMs`. */
export async function endAll(
  what: string,
  find: () => readonly SeenProcess[],
  politeMs = 1_500,
): Promise<void> {
  const since = performance.now();
  const asked = new Set<string>();
  await eventually(
    () =>
      `${what} to end: ${find()
        .map((seen) => `${seen.pid} ${seen.cmdline}`)
        .join(', ')}`,
    () => {
      const found = find();
      const force = performance.now() - since > politeMs;
      for (const { pid, startedAt, state } of found) {
        const name = `${pid} ${startedAt}`;
        if (force) signal(pid, 'SIGKILL');
        else if (!asked.has(name)) signal(pid, 'SIGTERM');
        if (state === 'T') signal(pid, 'SIGCONT'); // a stopped process does not see a SIGTERM
        asked.add(name);
      }
      return found.length === 0;
    },
    { timeoutMs: 20_000 },
  );
}
