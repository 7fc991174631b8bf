import { execFileSync, spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endAllThatKnow } from './leftovers.js';

const root = new URL('../../', import.meta.url).pathname;
const folders = ['machines', 'src', 'test', 'schema', 'visualizations'];
const files = [
  'package.json',
  'tsconfig.json',
  'tsconfig.build.json',
  'rolldown.config.mjs',
  'vitest.config.ts',
];
const copied = [...folders, ...files];
const linked = ['node_modules', 'dist'];

export interface Run {
  readonly passed: readonly string[];
  readonly failed: readonly string[];
  readonly hangs: boolean;
  readonly text: string;
}

/** A copy of the tree, in which anything may be broken. */
export class Copy {
  readonly #path = mkdtempSync(join(tmpdir(), 'mutants-'));
  readonly #patience: { readonly least: number; readonly each: number };

  /** How long a run may take before it is held to hang, in ms: for each of its files, and at least. */
  constructor(patience = { least: 600_000, each: 120_000 }) {
    this.#patience = patience;
    for (const name of copied) cpSync(root + name, join(this.#path, name), { recursive: true });
    for (const name of linked) this.#link(name);
    this.#checkNothing();
  }

  /** What a fault leaves unused is no matter to whoever builds it. */
  #checkNothing(): void {
    const path = join(this.#path, 'tsconfig.build.json');
    const config = JSON.parse(readFileSync(path, 'utf8'));
    writeFileSync(path, JSON.stringify({ ...config, compilerOptions: { noCheck: true } }));
  }

  read(file: string): string {
    return readFileSync(join(this.#path, file), 'utf8');
  }

  /** Runs test files while a file of the sources says something else. */
  async with(file: string, text: string, tests: readonly string[]): Promise<Run> {
    const path = join(this.#path, file);
    const before = this.read(file);
    writeFileSync(path, text);
    const startsCommand = tests.some((test) => /support\/cli\.js|\bdist\b/.test(this.read(test)));
    try {
      if (startsCommand) this.#build();
      // One is enough, and where an event is missing every other one waits for it in vain.
      return await this.run(tests, '--bail=1');
    } finally {
      writeFileSync(path, before);
      if (startsCommand) this.#link('dist');
    }
  }

  /** What is started as a process is built, not read as it stands. */
  #build(): void {
    rmSync(join(this.#path, 'dist'));
    execFileSync('npm', ['run', 'build', '--silent'], { cwd: this.#path, stdio: 'pipe' });
  }

  #link(name: string): void {
    const path = join(this.#path, name);
    rmSync(path, { recursive: true, force: true });
    symlinkSync(root + name, path);
  }

  async run(tests: readonly string[], ...more: readonly string[]): Promise<Run> {
    const report = join(this.#path, 'report.json');
    rmSync(report, { force: true });
    const temporary = join(this.#path, 'tmp');
    mkdirSync(temporary, { recursive: true });
    const vitest = join(root, 'node_modules/vitest/vitest.mjs');
    const words = [
      vitest,
      'run',
      '--reporter=json',
      `--outputFile=${report}`,
      '--retry=1',
      ...more,
      ...tests,
    ];
    const { least, each } = this.#patience;
    const signal = AbortSignal.timeout(Math.max(least, tests.length * each));
    const child = spawn(process.execPath, words, {
      cwd: this.#path,
      env: { ...process.env, TMPDIR: temporary },
      stdio: ['ignore', 'pipe', 'pipe'],
      signal,
    });
    let text = '';
    child.on('error', () => undefined);
    for (const pipe of [child.stdout, child.stderr]) pipe.on('data', (chunk) => (text += chunk));
    // What a fault leaves running must not hold the pipes, nor the next run.
    child.on('exit', () => endAllThatKnow(temporary));
    // Not once(): that rejects at the error which an abort is told as, and what hangs has an end too.
    await new Promise((resolve) => child.on('close', resolve));
    rmSync(temporary, { recursive: true });
    return { ...read(report), hangs: signal.aborted, text: text.slice(-4_000) };
  }

  remove(): void {
    rmSync(this.#path, { recursive: true });
  }
}

interface Report {
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
  }[];
}

function read(path: string): Pick<Run, 'passed' | 'failed'> {
  let report: Report;
  try {
    report = JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return { passed: [], failed: [] };
  }
  const all = report.testResults.flatMap(({ assertionResults }) => assertionResults);
  const named = (wanted: string) =>
    all.filter(({ status }) => status === wanted).map(({ fullName }) => fullName);
  // What cannot even be loaded has no tests.
  const unloaded = report.testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
  );
  return { passed: named('passed'), failed: [...named('failed'), ...unloaded.map(({ name }) => name)] };
}
