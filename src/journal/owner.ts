import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { codeOf } from './files.js';
import type { Processes } from './processes.js';

/** Whose a file is: which process, in which run of which machine. */
export interface Owner {
  readonly pid: number;
  readonly startTime: string;
  readonly boot: string;
  readonly namespace: string;
  readonly machine: string;
}

export function ourselves(processes: Processes): Owner {
  return {
    pid: process.pid,
    startTime: startTimeOf(processes, process.pid),
    boot: processes.boot,
    namespace: processes.namespace,
    machine: machineName(),
  };
}

/** Empty where it cannot be told. */
export function startTimeOf(processes: Processes, pid: number): string {
  try {
    return processes.find(pid)?.startTime ?? '';
  } catch {
    return '';
  }
}

/** `elsewhere`: on another machine with the same home, or in another container. Nobody here can tell whether it lives. */
export type Standing = 'alive' | 'gone' | 'elsewhere';

export function standingOf(owner: Owner, processes: Processes): Standing {
  if (owner.boot !== processes.boot) return owner.machine === machineName() ? 'gone' : 'elsewhere';
  if (owner.boot === '' && owner.machine !== machineName()) return 'elsewhere';
  if (owner.namespace !== processes.namespace) return 'elsewhere';
  if (!processes.known || owner.startTime === '') return answers(owner.pid) ? 'alive' : 'gone';
  try {
    return processes.find(owner.pid)?.startTime === owner.startTime ? 'alive' : 'gone';
  } catch {
    return 'alive';
  }
}

/** Machines made from one image share the id, those that got a new name share the old one. */
function machineName(): string {
  try {
    return `${readFileSync('/etc/machine-id', 'utf8').trim()} ${hostname()}`;
  } catch {
    return hostname();
  }
}

function answers(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (cause) {
    return codeOf(cause) === 'EPERM';
  }
}
