import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { disposersIn, everyDisposer } from './disposers.js';
import { testsOf } from './testsOf.js';

const root = new URL('../../', import.meta.url).pathname;

test('each is left out alone, and what stands around it stays', () => {
  const source = `
const done = () => {
  clock.clearTimeout(timer);
  socket.off('data', read).off('end', read);
  void unlink(path).catch(() => undefined);
  process.kill(pid, 0);
  this.#disarm();
};`;
  const found = disposersIn('a.ts', source);
  expect(found.map(({ line }) => line)).toEqual([3, 4, 4, 5, 7]);
  expect(found.map(({ line, without }) => without.split('\n')[line - 1]?.trim())).toEqual([
    'clock;',
    "socket.off('data', read);",
    "socket.off('end', read);",
    'void Promise.resolve().catch(() => undefined);',
    'this;',
  ]);
});

test('tests are named for every file of the sources that gives something back', () => {
  const files = [...new Set(everyDisposer().map(({ file }) => file))];
  expect(files.length).toBeGreaterThan(80);
  for (const file of files)
    for (const name of testsOf(file)) expect(existsSync(root + name), name).toBe(true);
});
