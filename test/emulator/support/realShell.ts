import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Stub {
  readonly stdout: string | Buffer;
  readonly code?: number;
  /** By the first argument, where the answer depends on it. */
  readonly of?: Readonly<Record<string, string>>;
  readonly seconds?: number;
}

const tools = [
  'timeout',
  'cat',
  'sleep',
  'grep',
  'tr',
  'env',
  'uname',
  'date',
  'base64',
  'rm',
  'mv',
  'setsid',
];

/** /bin/sh with a home and a PATH of its own, in which X2Go's commands are stubs: what the emulator must equal. */
export class RealShell {
  readonly home = mkdtempSync(join(tmpdir(), 'x2go-guardian-shell-'));
  readonly #bin = join(this.home, 'bin');
  readonly #children: ChildProcessWithoutNullStreams[] = [];

  constructor(commands: Readonly<Record<string, Stub>> = {}) {
    mkdirSync(this.#bin);
    for (const tool of tools) symlinkSync(`/usr/bin/${tool}`, join(this.#bin, tool));
    for (const [name, { stdout, code = 0, of = {}, seconds = 0 }] of Object.entries(commands)) {
      const answer = (text: string | Buffer, suffix: string) => {
        const file = join(this.home, `${name}${suffix}`);
        writeFileSync(file, text);
        return `cat '${file}'`;
      };
      const cases = Object.entries(of).map(([arg, text], n) => `'${arg}') ${answer(text, `.${n}`)};;`);
      const script = `#!/bin/sh\nsleep ${seconds}\ncase "$1" in\n${cases.join('\n')}\n*) ${answer(stdout, '')};;\nesac\nexit ${code}\n`;
      writeFileSync(join(this.#bin, name), script);
      chmodSync(join(this.#bin, name), 0o755);
    }
  }

  state(session: string, text: string | undefined): void {
    const folder = join(this.home, '.x2go', `C-${session}`);
    if (text === undefined) rmSync(folder, { recursive: true, force: true });
    else {
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, 'state'), text);
    }
  }

  /** A process that looks like the agent of that session; gives its pid. */
  agent(session: string): number {
    const child = spawn('/bin/sh', ['-c', 'read -r _', '-name', `X2GO-${session}`], { stdio: 'pipe' });
    this.#children.push(child);
    return child.pid ?? 0;
  }

  /** What stands in a session's folder. */
  write(session: string, name: string, text: string): void {
    writeFileSync(join(this.home, '.x2go', `C-${session}`, name), text);
  }

  read(session: string, name: string): Buffer {
    return readFileSync(join(this.home, '.x2go', `C-${session}`, name));
  }

  /** The script's own PATH line is the only thing that is changed. */
  start(script: string): ChildProcessWithoutNullStreams {
    const child = spawn('/bin/sh', ['-s'], {
      env: { HOME: this.home, PATH: this.#bin, SSH_CLIENT: '127.0.0.1 40000 22' },
      stdio: 'pipe',
    });
    this.#children.push(child);
    child.stdin.on('error', () => {});
    child.stdin.write(script.replace(/^PATH=[^ ;]*/m, `PATH='${this.#bin}'`));
    return child;
  }

  /** To the end of the script, stdin open all the while unless `eofAfterMs` is given. */
  async run(
    script: string,
    { eofAfterMs }: { eofAfterMs?: number } = {},
  ): Promise<{ out: string; code: number | null }> {
    const child = this.start(script);
    // A `timeout` that is ended while it forks leaves its work running: not at once.
    if (eofAfterMs !== undefined) setTimeout(() => child.stdin.end(), eofAfterMs);
    let out = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text;
    });
    const [code] = await once(child, 'close');
    return { out: out.replaceAll(this.home, '/home/alice'), code: code as number | null };
  }

  dispose(): void {
    for (const child of this.#children) child.kill('SIGKILL');
    rmSync(this.home, { recursive: true, force: true });
  }
}
