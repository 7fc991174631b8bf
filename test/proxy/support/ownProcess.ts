import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = new URL('../../..', import.meta.url).pathname;

/** src/proxy as JavaScript, for a process of its own: one that is killed, or that has no file descriptors left. */
export function compileProxy(dir: string): string {
  const out = join(dir, 'compiled');
  mkdirSync(out, { recursive: true });
  const config = join(dir, 'tsconfig.json');
  const files = ['src/proxy/nxproxy.ts', 'src/scope.ts'].map((file) => join(root, file));
  const compilerOptions = {
    rootDir: root,
    outDir: out,
    noEmit: false,
    declaration: false,
    typeRoots: [join(root, 'node_modules/@types')],
  };
  writeFileSync(
    config,
    JSON.stringify({ extends: join(root, 'tsconfig.json'), include: [], files, compilerOptions }),
  );
  // Type errors elsewhere are not ours to find here: files are written in spite of them.
  spawnSync(join(root, 'node_modules/.bin/tsc'), ['-p', config], { stdio: 'ignore' });
  symlinkSync(join(root, 'node_modules'), join(out, 'node_modules'));
  writeFileSync(join(out, 'package.json'), '{"type":"module"}');
  writeFileSync(join(out, 'run.js'), script);
  return join(out, 'run.js');
}

export interface Plan {
  readonly cookie: string;
  readonly port: number;
  readonly display: number;
  /** How many file descriptors are left when it starts. @default as many as there are */
  readonly free?: number;
}
export interface OwnProcess {
  readonly process: ChildProcess;
  readonly facts: readonly { readonly type: string; readonly [key: string]: unknown }[];
  output(): string;
}

/** Starts one proxy in a process of its own, which says each fact on stdout and ends with the proxy. */
export function runInProcess(
  script: string,
  plan: Plan,
  env: Record<string, string>,
  prefix: readonly string[] = [],
): OwnProcess {
  const [command = '', ...args] = [...prefix, process.execPath, script, JSON.stringify(plan)];
  const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const facts: { type: string }[] = [];
  let output = '';
  let rest = '';
  child.stdout.on('data', (chunk: Buffer) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    facts.push(...lines.map((line) => JSON.parse(line)));
  });
  child.stderr.on('data', (chunk: Buffer) => {
    output += chunk;
  });
  return { process: child, facts, output: () => output };
}

const script = `
import { openSync, closeSync, writeSync } from 'node:fs';
import { createActor, createMachine } from 'xstate';
import { nxproxy } from './src/proxy/nxproxy.js';
import { Scope } from './src/scope.js';
const plan = JSON.parse(process.argv[2]);
const clock = { now: () => performance.now(), setTimeout, clearTimeout };
const journal = { note: () => () => {}, hold: () => () => {}, close: () => {} };
const world = { clock, journal, scope: new Scope(clock.now), cookies: new Map([['p s', plan.cookie]]), viewers: new Map() };
const input = { profile: 'p', session: 's', display: plan.display, port: plan.port, presentation: {} };
const machine = createMachine({
  invoke: { src: nxproxy(world), input },
  on: { '*': { actions: ({ event }) => {
    writeSync(1, JSON.stringify(event) + '\\n');
    if (event.type === 'proxy.ended') process.exit();
  } } },
});
if (plan.free !== undefined) {
  const taken = [];
  try { for (;;) taken.push(openSync('/dev/null', 'r')); } catch {}
  for (let n = 0; n < plan.free; n++) closeSync(taken.pop());
}
process.on('SIGINT', () => writeSync(1, '{"type":"interrupted"}\\n'));
createActor(machine).start();
setInterval(() => {}, 60000);
`;
