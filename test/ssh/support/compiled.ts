import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = new URL('../../..', import.meta.url).pathname;

/** Whether this process may become another user and make mounts of its own. */
export const privileged =
  process.getuid?.() === 0 &&
  spawnSync('unshare', ['-m', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt']).status === 0;

/**
 * src/ssh/hostKeys.ts as JavaScript, for a process of its own: one that is another user, or that has mounts of its own.
 * `run` meets a host with accept-new and prints what became of it.
 */
export function compileHostKeys(dir: string) {
  const out = join(dir, 'compiled');
  mkdirSync(out, { recursive: true });
  const config = join(dir, 'tsconfig.json');
  const files = [join(root, 'src/ssh/hostKeys.ts')];
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
  writeFileSync(join(out, 'package.json'), '{"type":"module"}');
  writeFileSync(join(out, 'meet.js'), script);
  chmodSync(dir, 0o755);
  return (prefix: readonly string[], file: string, mode: string, key: Buffer): Meeting => {
    const [command = '', ...args] = [
      ...prefix,
      process.execPath,
      join(out, 'meet.js'),
      file,
      mode,
      key.toString('base64'),
    ];
    return JSON.parse(execFileSync(command, args, { encoding: 'utf8' }));
  };
}

export interface Meeting {
  readonly verdict: string;
  readonly message?: string;
  /** The file's content in hexadecimal, and the names beside it. */
  readonly before?: string;
  readonly after?: string;
  readonly names: readonly string[];
}

const script = `
import { readdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { openHostKeys } from './src/ssh/hostKeys.js';
const [file, mode, key] = process.argv.slice(2);
const look = () => { try { return readFileSync(file).toString('hex'); } catch { return undefined; } };
const before = look();
let verdict;
try {
  const hostKeys = await openHostKeys({ host: 'h.example', port: 22, mode, files: [file] });
  verdict = hostKeys.verify(Buffer.from(key, 'base64'));
} catch (cause) { verdict = cause; }
let names = [];
try { names = readdirSync(dirname(file)); } catch {}
console.log(JSON.stringify({
  verdict: verdict === true ? 'accepted' : verdict.code ?? String(verdict), message: verdict.message, before, after: look(), names,
}));
`;
