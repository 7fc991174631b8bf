import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { appendKnownHost, readKnownHosts } from '../../src/ssh/knownHostsFile.js';
import { openFiles } from '../support/aftermath.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'known-'));
});
afterEach(() => {
  const open = openFiles().filter((path) => path.startsWith(folder));
  rmSync(folder, { recursive: true });
  expect(open).toEqual([]);
});

test('it is read, and one that is not there is empty', async () => {
  const path = join(folder, 'known_hosts');
  expect(await readKnownHosts(path)).toHaveLength(0);
  writeFileSync(path, 'a line\n');
  expect(String(await readKnownHosts(path))).toBe('a line\n');
});

test.each([
  ['a folder', (path: string) => mkdirSync(path)],
  ['a pipe', (path: string) => execFileSync('mkfifo', [path])],
])('%s is none, and stays as it is', async (_, make) => {
  const path = join(folder, 'known_hosts');
  make(path);
  await expect(readKnownHosts(path)).rejects.toThrow('is not a regular file');
  expect(() => appendKnownHost(path, () => 'a line')).toThrow('is not a regular file');
  expect(readdirSync(folder)).toEqual(['known_hosts']);
});

test('a line is added to it, in a folder that is made where there was none', () => {
  const path = join(folder, 'new', 'known_hosts');
  appendKnownHost(path, () => 'one');
  appendKnownHost(path, (current) => (String(current) === 'one\n' ? 'two' : undefined));
  expect(readFileSync(path, 'utf8')).toBe('one\ntwo\n');
  expect(readdirSync(join(folder, 'new'))).toEqual(['known_hosts']);
});
