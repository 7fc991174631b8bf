import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';

/** A child that gets SIGTERM when this process dies, however it dies. */
export function spawnTied(command: string, args: readonly string[], options: SpawnOptions): ChildProcess {
  return spawn('setpriv', ['--pdeathsig', 'TERM', command, ...args], options);
}

export const hasEnded = (child: ChildProcess): boolean =>
  child.exitCode !== null || child.signalCode !== null;

/** Ends one child by its handle, waits for its exit, and uses SIGKILL after `politeMs`. */
export async function endChild(child: ChildProcess, politeMs = 3_000): Promise<void> {
  if (child.pid === undefined || hasEnded(child)) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  child.kill('SIGCONT'); // a stopped one does not see the SIGTERM
  const deadline = setTimeout(() => child.kill('SIGKILL'), politeMs);
  await gone;
  clearTimeout(deadline);
}
