import { mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readOurs, writeWhole } from '../../src/journal/files.js';
import { makeTempDir } from '../support/real/owner.js';

let folder: string;
beforeEach(() => {
  folder = makeTempDir('files');
});
afterEach(() => rmSync(folder, { recursive: true }));

const open = () => readdirSync('/proc/self/fd').length;

test('whatever a file of ours is, it is closed when it was read', () => {
  const at = (name: string) => join(folder, name);
  writeFileSync(at('good'), 'text', { mode: 0o600 });
  writeFileSync(at('long'), Buffer.alloc(2 ** 20 + 1), { mode: 0o600 });
  mkdirSync(at('folder'));
  symlinkSync(at('good'), at('link'));
  const before = open();
  const read = ['good', 'long', 'folder', 'link', 'missing'].map((name) => readOurs(at(name)));
  expect(open()).toBe(before);
  expect(read).toEqual([
    { ok: true, text: 'text' },
    { ok: false, reason: 'it is longer than 1 MiB', missing: false },
    { ok: false, reason: 'it is no regular file', missing: false },
    { ok: false, reason: 'it is a link', missing: false },
    { ok: false, reason: expect.stringContaining('ENOENT'), missing: true },
  ]);
});

test('what cannot take the place of what is there leaves nothing beside it', () => {
  mkdirSync(join(folder, 'taken'));
  expect(() => writeWhole(join(folder, 'taken'), 'text')).toThrow(/EISDIR|ENOTEMPTY|EEXIST/);
  expect(readdirSync(folder)).toEqual(['taken']);
});
