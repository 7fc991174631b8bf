import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { GuardianEventRecord, SessionOrder } from '../../src/index.js';
import { eventually } from './until.js';

const built = fileURLToPath(new URL('../../dist/src/index.js', import.meta.url));

/** The path of a script that runs the built package. */
export function childScript(name: string): string {
  if (!existsSync(built)) throw new Error('dist is missing: run `npm run build` first, as `npm test` does');
  return fileURLToPath(new URL(`../scenarios/children/${name}.mjs`, import.meta.url));
}

export interface GuardianChild {
  readonly process: ChildProcess;
  readonly records: readonly GuardianEventRecord[];
  /** Waits until an event of that name was seen so many times. */
  seen(name: GuardianEventRecord['event'], times?: number, within?: number): Promise<void>;
  count(name: GuardianEventRecord['event']): number;
  /** Asks for a session; `sessions` and `refusals` tell what came of it. */
  startSession(profile: string, order: SessionOrder): void;
  readonly sessions: readonly string[];
  readonly refusals: readonly string[];
  /** Begins to measure; gives the resident memory now, in bytes. */
  measure(): Promise<number>;
  /** The most resident memory since measure(), in bytes. */
  measured(): Promise<number>;
  /** What is still referred to, buffers included, in bytes: unlike resident memory it does not depend on the allocator's mood. */
  held(): Promise<number>;
  stop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

interface Message {
  readonly record?: GuardianEventRecord;
  readonly measured?: number;
  readonly open?: unknown;
  readonly session?: string;
  readonly refused?: string;
}

/** A guardian in a process of its own. `inside`: the command that runs it, with its script as the last words. */
export function startGuardianChild(
  options: object,
  privateKey: string,
  inside: readonly string[] = [],
): GuardianChild {
  const [execPath, ...before] = [...inside, process.execPath];
  const child = fork(childScript('guardian'), {
    ...(execPath === undefined ? {} : { execPath }),
    execArgv: [...before, '--expose-gc'],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let output = '';
  child.stderr?.on('data', (chunk) => {
    output += chunk;
  });
  const records: GuardianEventRecord[] = [];
  const figures: number[] = [];
  const sessions: string[] = [];
  const refusals: string[] = [];
  let open: unknown;
  child.on('message', (message: Message) => {
    if (message.session !== undefined) sessions.push(message.session);
    if (message.refused !== undefined) refusals.push(message.refused);
    if (message.record) records.push(message.record);
    if (message.measured !== undefined) figures.push(message.measured);
    if (message.open) open = message.open;
  });
  child.send({ verb: 'start', options, privateKey });
  const count = (name: string) => records.filter(({ event }) => event === name).length;
  const figure = async (verb: string) => {
    const before = figures.length;
    child.send({ verb });
    await eventually(`an answer to ${verb}`, () => figures.length > before);
    return figures.at(-1) ?? 0;
  };
  const exited = once(child, 'exit');
  return {
    process: child,
    records,
    sessions,
    refusals,
    startSession: (profile, order) => void child.send({ verb: 'startSession', profile, order }),
    count,
    seen: (name, times = 1, within = 10_000) =>
      eventually(`${times} x ${name} (${output})`, () => count(name) >= times, within),
    measure: () => figure('measure'),
    measured: () => figure('measured'),
    held: () => figure('held'),
    async stop() {
      child.send({ verb: 'stop' });
      const [code, signal] = await exited;
      if (code !== 0 || JSON.stringify(open) !== '[]') {
        throw new Error(`the child ended with ${code ?? signal}, open: ${JSON.stringify(open)}; ${output}`);
      }
    },
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGKILL');
      await exited;
    },
  };
}
