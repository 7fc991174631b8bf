import { readdirSync, readFileSync } from 'node:fs';

/** Kills every process that has the path in its environment: a run's temporary directory is in that of all it started. */
export function endAllThatKnow(path: string): void {
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) continue;
    try {
      if (readFileSync(`/proc/${name}/environ`, 'latin1').includes(path))
        process.kill(Number(name), 'SIGKILL');
    } catch {
      // It ended meanwhile.
    }
  }
}
