import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { noticeFolder, type PageNotice, readNotices, writeNotice } from '../../src/inspection/pageNotice.js';

let root: string;
let env: Readonly<Record<string, string>>;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'notice-'));
  env = { XDG_RUNTIME_DIR: root };
});
afterEach(() => rmSync(root, { recursive: true }));

const notice = (more: Partial<PageNotice> = {}): PageNotice => ({
  v: 1,
  pid: process.pid,
  url: 'http://127.0.0.1:4711/?token=abc',
  token: 'abc',
  startedAt: '2026-11-27T20:00:00.000Z',
  command: 'watch',
  ...more,
});

test('a notice is found while its page is there; taken away, nothing is left of it', () => {
  const takeAway = writeNotice(env, notice());
  expect(readNotices(env)).toEqual([notice()]);
  takeAway();
  expect(existsSync(noticeFolder(env))).toBe(false);
  expect(readNotices(env)).toEqual([]);
});

test('the notice of another page stays where it is', () => {
  const other = notice({ url: 'http://127.0.0.1:4712/?token=abc' });
  const [takeAway, takeOther] = [writeNotice(env, notice()), writeNotice(env, other)];
  takeAway();
  expect(readNotices(env)).toEqual([other]);
  takeOther();
  expect(readdirSync(root)).toEqual([]);
});

test('what a killed process left is none, and goes with the next one', () => {
  const { pid } = spawnSync('true');
  const takeAway = writeNotice(env, notice());
  const left = join(noticeFolder(env), `page-${pid}-4711.json`);
  writeFileSync(left, JSON.stringify(notice({ pid })));
  expect(readNotices(env)).toEqual([notice()]);
  writeNotice(env, notice({ url: 'http://127.0.0.1:4713/?token=abc' }))();
  expect(existsSync(left)).toBe(false);
  takeAway();
  expect(readdirSync(root)).toEqual([]);
});
