import type { Fact } from '../../machines/vocabulary.js';
import type { Clock } from '../clock.js';
import { codeOf, messageOf } from './files.js';
import { isSameCommand, type Processes } from './processes.js';

export type Reaped = Extract<Fact, { readonly type: 'reap.ended' }>;
export type End = Pick<Reaped, 'outcome' | 'failure'>;

export interface LeftChild {
  readonly pid: number;
  readonly startTime?: string;
  readonly command: string;
}
export interface Patience {
  readonly clock: Clock;
  /** Between SIGTERM and SIGKILL. */
  readonly graceMs: number;
  /** Aborted: no grace. */
  readonly hurry?: AbortSignal | undefined;
}

const glanceMs = 20;
/** For the kernel to take a killed process away. */
const burialMs = 1_000;

/** Ends a child that a killed run of ours left: TERM, grace, KILL. Never a stranger that has its pid now. Never rejects. */
export async function endChild(child: LeftChild, processes: Processes, patience: Patience): Promise<End> {
  if (!processes.known) return left('processes cannot be looked up on this system');
  const { clock, graceMs, hurry } = patience;
  try {
    const stranger = strangerIn(child, processes);
    if (stranger !== undefined) return stranger;
    process.kill(child.pid, 'SIGTERM');
    if (await isGone(child, processes, clock, graceMs, hurry)) return { outcome: 'ended' };
    process.kill(child.pid, 'SIGKILL');
    if (await isGone(child, processes, clock, burialMs)) return { outcome: 'ended' };
    return { outcome: 'failed', failure: `process ${child.pid} outlives SIGKILL` };
  } catch (cause) {
    if (codeOf(cause) === 'ESRCH') return { outcome: 'gone' };
    if (codeOf(cause) === 'EPERM') return left(`process ${child.pid} is somebody else's`);
    return { outcome: 'failed', failure: messageOf(cause) };
  }
}

/** Why this process is not ended; undefined: it is ours. */
function strangerIn({ pid, startTime, command }: LeftChild, processes: Processes): End | undefined {
  const running = processes.find(pid);
  if (running === undefined) return { outcome: 'gone' };
  if (running.startTime !== startTime) return left(`process ${pid} is another one now`);
  if (!isSameCommand(command, running.command)) return left(`process ${pid} runs another command`);
  return undefined;
}

async function isGone(
  { pid, startTime }: LeftChild,
  processes: Processes,
  clock: Clock,
  withinMs: number,
  hurry?: AbortSignal,
): Promise<boolean> {
  const until = clock.now() + withinMs;
  while (processes.find(pid)?.startTime === startTime) {
    if (clock.now() >= until || hurry?.aborted) return false;
    await new Promise<void>((resolve) => clock.setTimeout(resolve, glanceMs));
  }
  return true;
}

const left = (failure: string): End => ({ outcome: 'left', failure });
