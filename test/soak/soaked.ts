/** The guardian's process, as seen from outside: what it is asked, what it tells, what it takes. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import type { GuardianEventRecord, ReportEntry } from '../../src/index.js';

export interface View {
  readonly profiles: readonly string[];
  readonly sessions: readonly {
    readonly session: string;
    readonly state: string;
    readonly ours: boolean;
  }[];
}
interface Answers {
  readonly start: null;
  readonly look: View;
  readonly begin: string;
  readonly resume: string;
  readonly suspend: null;
  readonly terminate: null;
  readonly held: number;
  readonly stop: { readonly report: readonly ReportEntry[]; readonly open: readonly unknown[] };
}
export type Verb = keyof Answers;
export class Refused extends Error {}

export interface Soaked {
  readonly pid: number;
  /** Rejects with Refused: its message is the code. */
  ask<V extends Verb>(verb: V, words?: object): Promise<Answers[V]>;
  /** Resident memory in bytes, and open file descriptors. */
  taken(): { readonly rss: number; readonly fds: number };
  /** The exit code. */
  ended(): Promise<number | null>;
  kill(): void;
}

interface Message {
  readonly id?: number;
  readonly record?: GuardianEventRecord;
  readonly answer?: unknown;
  readonly refused?: string;
}

export function startSoaked(
  script: string,
  env: NodeJS.ProcessEnv,
  hear: (record: GuardianEventRecord) => void,
): Soaked {
  const child = fork(script, {
    env,
    execArgv: ['--expose-gc'],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const { pid } = child;
  if (pid === undefined) throw new Error('the guardian did not start');
  const waiting = new Map<number, (message: Message) => void>();
  child.on('message', (message: Message) => {
    if (message.record !== undefined) hear(message.record);
    if (message.id !== undefined) waiting.get(message.id)?.(message);
  });
  const exited = once(child, 'exit');
  let count = 0;
  return {
    pid,
    ask: <V extends Verb>(verb: V, words: object = {}) =>
      new Promise<Answers[V]>((resolve, reject) => {
        count += 1;
        const id = count;
        waiting.set(id, ({ answer, refused }) => {
          waiting.delete(id);
          if (refused === undefined) resolve(answer as Answers[V]);
          else reject(new Refused(refused));
        });
        child.send({ id, verb, ...words });
      }),
    taken: () => {
      const [, kib = '0'] = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
      return { rss: Number(kib) * 1_024, fds: readdirSync(`/proc/${pid}/fd`).length };
    },
    ended: async () => {
      const [code] = await exited;
      return code;
    },
    kill: () => void child.kill('SIGKILL'),
  };
}
