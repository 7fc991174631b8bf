import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { quote, quoteAll } from '../../src/protocol/quoting.js';
import { execString } from '../../src/protocol/script.js';

const words = [
  '',
  ' ',
  "'",
  "''",
  "'\\''",
  '"',
  '\\',
  '\\\\',
  '\n',
  '\r\n',
  'a\nb',
  '-n',
  '--',
  '$HOME',
  '$(id)',
  '`id`',
  '!!',
  '!id',
  'a;id',
  'a|b&c>d<e',
  '*',
  '?[a]{b,c}',
  '~',
  '#x',
  '%s%n',
  'ü 日本 👩‍🚀',
  '\x1b[31m\x7f\x01',
  "it's; rm -rf / #'",
  'X2GODATAEND',
  ...fc.sample(fc.string({ unit: 'binary', maxLength: 30 }), 500),
  ...fc.sample(fc.string({ unit: fc.constantFrom(...'\'"\\$`!\n ;&|a'), maxLength: 12 }), 500),
].filter((word) => !word.includes('\0'));

const has = (shell: string) => spawnSync('/bin/sh', ['-c', `command -v ${shell}`]).status === 0;

test.for<[shell: string, args: string[]]>([
  ['sh', ['-s']],
  ['dash', ['-s']],
  ['bash', ['-s']],
  // As login shells they see the constant string alone; the script goes to sh over stdin.
  ['bash', ['-c', execString]],
  ['dash', ['-c', execString]],
  ['tcsh', ['-f', '-c', execString]],
  ['fish', ['--no-config', '-c', execString]],
])('%s %j hands every word over unchanged', ([shell, args], { skip }) => {
  skip(!has(shell), `${shell} is not installed`);
  const quoted = quoteAll(words);
  expect(quoted.ok).toBe(true);
  const script = `printf '%s\\0' ${quoted.ok ? quoted.text : ''}\n`;
  const { stdout, stderr, status } = spawnSync(shell, args, { input: script, encoding: 'utf8' });
  expect({ words: stdout.split('\0'), stderr, status }).toEqual({
    words: [...words, ''],
    stderr: '',
    status: 0,
  });
});

test('a word is quoted even if it need not be', () => {
  expect(quote('a')).toStrictEqual({ ok: true, text: "'a'" });
  expect(quote('')).toStrictEqual({ ok: true, text: "''" });
  expect(quote("it's")).toStrictEqual({ ok: true, text: "'it'\\''s'" });
});

test('a NUL is refused, alone and among others', () => {
  const refused = { ok: false, reason: 'a NUL cannot be part of a word' };
  expect(quote('a\0b')).toStrictEqual(refused);
  expect(quoteAll(['a', '\0', 'b'])).toStrictEqual(refused);
});

test('no words are no text', () => {
  expect(quoteAll([])).toStrictEqual({ ok: true, text: '' });
});
