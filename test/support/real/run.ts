import { type SpawnOptions, spawn } from 'node:child_process';

export interface Ran {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly input?: string;
  /** After this the command gets SIGKILL and the promise is rejected. @default 60_000 ms */
  readonly timeoutMs?: number;
  readonly spawn?: SpawnOptions;
}

/** Runs a command to its end. A non-zero exit is an answer, not an error; a time-out is an error. */
export function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const { input, timeoutMs = 60_000 } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { ...options.spawn, stdio: 'pipe' });
    let stdout = '';
    let stderr = '';
    const deadline = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`${command} ${args.join(' ')}: no end within ${timeoutMs} ms. stderr: ${stderr}`));
    }, timeoutMs);
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk.toString();
    });
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    child.stdin.on('error', () => {}); // it ended without reading: its exit code tells
    child.on('error', (cause) => {
      clearTimeout(deadline);
      reject(new Error(`Could not run ${command}: ${cause.message}`, { cause }));
    });
    child.on('close', (code, signal) => {
      clearTimeout(deadline);
      resolve({ code, signal, stdout, stderr });
    });
    child.stdin.end(input);
  });
}

/** As run(), for commands that must succeed: another exit code than 0 is an error with their stderr. */
export async function mustRun(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<string> {
  const ran = await run(command, args, options);
  if (ran.code === 0) return ran.stdout;
  throw new Error(`${command} ${args.join(' ')}: exit ${ran.code ?? ran.signal}: ${ran.stderr.trim()}`);
}
