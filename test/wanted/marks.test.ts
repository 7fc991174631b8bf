import { chmodSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Marks } from '../../src/wanted/marks.js';

const office = { id: 'office', host: 'x2go.example.org', user: 'alice' };
const session = 'alice-50-1795371806_stRmutt_dp24';
const mark = { name: 'mail', session, file: '/home/alice/sessions.json' };
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'marks-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));
const fileOf = (name: string) => join(folder, readdirSync(folder).find((one) => one.startsWith(name)) ?? '');

test('a mark is known to every process, by server and user, whatever the profile is called', () => {
  new Marks(folder).put(office, mark);
  const others = new Marks(folder);
  expect(others.of({ ...office, id: 'renamed', port: 22 })).toMatchObject([mark]);
  expect(others.of({ ...office, user: 'bob' })).toEqual([]);
  expect(others.of({ ...office, port: 2222 })).toEqual([]);
  others.put(office, { ...mark, session: session.replace('50', '51') });
  expect(new Marks(folder).of(office)).toHaveLength(1);
  others.drop(office, 'mail');
  expect(new Marks(folder).of(office)).toEqual([]);
});

test('a folder that is not there has no marks; one that cannot be written is told', () => {
  expect(new Marks(join(folder, 'none')).of(office)).toEqual([]);
  writeFileSync(join(folder, 'file'), '');
  const nowhere = new Marks(join(folder, 'file', 'state'));
  expect(() => nowhere.put(office, mark)).toThrow(expect.objectContaining({ code: 'file.unwritable' }));
  expect(() => nowhere.hold(office, 'mail')).toThrow(expect.objectContaining({ code: 'file.unwritable' }));
});

test.each([
  ['garbled', 'no json'],
  ['of a later version', JSON.stringify({ v: 2, place: 'p', ...mark })],
  ["with no session's name", JSON.stringify({ v: 1, place: 'p', ...mark, session: '../x' })],
])('one that is %s stops us: a session would be started twice', (_, text) => {
  const marks = new Marks(folder);
  marks.put(office, mark);
  writeFileSync(fileOf('wanted-'), text);
  expect(() => marks.of(office)).toThrow(expect.objectContaining({ code: 'file.unreadable' }));
});

test('one that others could have written stops us', () => {
  const marks = new Marks(folder);
  marks.put(office, mark);
  chmodSync(fileOf('wanted-'), 0o666);
  expect(() => marks.of(office)).toThrow(/others may write it/);
});

test('a hold keeps others away until it is given back', () => {
  const free = new Marks(folder).hold(office, 'mail');
  expect(free).toBeDefined();
  expect(new Marks(folder).hold(office, 'mail')).toBeUndefined();
  expect(new Marks(folder).hold(office, 'paint')).toBeDefined();
  free?.();
  expect(new Marks(folder).hold(office, 'mail')).toBeDefined();
});
