/** The examples run as their readers would run them: compiled, against the built package by its name. */
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';

const root = new URL('../', import.meta.url).pathname;
// Inside the package: there it can be imported by its name.
const built = mkdtempSync(join(root, 'dist', 'examples-'));

beforeAll(() => {
  const compile = ['-p', 'examples/tsconfig.json', '--noEmit', 'false', '--outDir', built];
  execFileSync(join(root, 'node_modules', '.bin', 'tsc'), compile, { cwd: root });
});
afterAll(() => rmSync(built, { recursive: true }));

const run = (name: string) => {
  const child = spawn(process.execPath, [join(built, name)], {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 15_000,
    killSignal: 'SIGKILL',
  });
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  return { child, ended, said: text(child.stdout), complaints: text(child.stderr) };
};

test('the service registers a session, and a SIGTERM ends it with nothing left', async () => {
  const { child, ended, said, complaints } = run('nodeService.js');
  child.stdout.on('data', (chunk) => {
    if (String(chunk).includes('registered')) child.kill('SIGTERM');
  });
  expect(await complaints).toBe('');
  expect(await said).toBe('guarding alice\nregistered office running\nstopped, 0 left open, with a report\n');
  expect(await ended).toBe(0);
});

test('the React component shows the profile before and after it is connected', async () => {
  const { ended, said, complaints } = run('react/page.js');
  expect(await complaints).toBe('');
  expect(await said).toBe(
    ['disconnected', 'connected']
      .map((state) => `<ul><li>office: alice@127.0.0.1 is ${state}</li></ul>\n`)
      .join(''),
  );
  expect(await ended).toBe(0);
});

test('the test of an app sees a silent line within 15 s of a time that it moves itself', async () => {
  const { ended, said, complaints } = run('inATest.js');
  expect(await complaints).toBe('');
  expect(await said).toBe('connected\nlost within 15 s: true\nleft open: 0\n');
  expect(await ended).toBe(0);
});

test('in a simulated world a session starts although its line drops, and nothing is left', async () => {
  const { ended, said, complaints } = run('simulated.js');
  expect(await complaints).toBe('');
  expect(await said).toBe('started all the same: running\nleft open: 0\n');
  expect(await ended).toBe(0);
});
