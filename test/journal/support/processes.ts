import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { processesIn } from '../../../src/journal/processes.js';
import { eventually } from '../../support/until.js';

const built = fileURLToPath(new URL('../../../dist/src/journal/openJournal.js', import.meta.url));

/** The path of a script that runs the built package. */
export function script(name: string): string {
  if (!existsSync(built)) throw new Error('dist is missing: run `npm run build` first, as `npm test` does');
  return fileURLToPath(new URL(`../children/${name}.mjs`, import.meta.url));
}

export interface Told {
  readonly process: ChildProcess;
  /** The next line it prints. Throws when it ends without one. */
  next<T>(): Promise<T>;
  /** kill -9, and its end. */
  kill(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** A process that prints lines of JSON. */
export function run(command: string, ...args: readonly string[]): Told {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const kill = async () => {
    child.kill('SIGKILL');
    await exited;
  };
  return {
    process: child,
    async next() {
      const { value, done } = await lines.next();
      if (done) throw new Error(`${command} ${args.join(' ')} ended without a word`);
      return JSON.parse(value);
    },
    kill,
    [Symbol.asyncDispose]: kill,
  };
}

export const runScript = (name: string, ...args: readonly string[]): Told =>
  run(process.execPath, script(name), ...args);

/** Something harmless that lives until it is ended. */
export async function startSleeper() {
  const child = spawn('sleep', ['1000'], { stdio: 'ignore' });
  await once(child, 'spawn');
  const { pid = 0 } = child;
  const startTime = processesIn().find(pid)?.startTime ?? '';
  const exited = once(child, 'exit');
  return {
    process: child,
    entry: { kind: 'child', pid, startTime, command: 'sleep 1000' } as const,
    lives: () => isAlive(pid),
    /** It takes no notice of SIGTERM any more. */
    async stop() {
      child.kill('SIGSTOP');
      const state = () => readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.[0];
      await eventually('a stopped process', () => state() === 'T');
    },
    ended: async () => (await exited)[1] as NodeJS.Signals | null,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

/** Whether a test may have a mount namespace of its own. */
export const canMount = (): boolean => spawnSync('unshare', ['-m', 'true']).status === 0;

export const isAlive = (pid: number): boolean => processesIn().find(pid) !== undefined;
