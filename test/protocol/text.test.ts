import fc from 'fast-check';
import { expect, test } from 'vitest';
import { clean, truncate } from '../../src/protocol/text.js';

test.each([
  ['plain text, ünïcödé, 日本, 👩‍🚀', 'plain text, ünïcödé, 日本, 👩‍🚀'],
  ['a\0b\tc\r\nd\x7fe\x85f', 'abcdef'],
  ['\x1b[1;31mred\x1b[0m', 'red'],
  ['\x9b31mred\x9bm', 'red'],
  ['\x1b[?25l\x1b[2J\x1b[10;10Hcursor', 'cursor'],
  ['\x1b]0;title\x07after', 'after'],
  ['\x1b]8;;http://x/\x1b\\link\x1b]8;;\x1b\\', 'link'],
  ['\x9d52;c;Zm9v\x9cclip', 'clip'],
  ['\x1bP1$r\x1b\\\x1bXsos\x1b\\\x1b^pm\x1b\\\x1b_apc\x1b\\x', 'x'],
  ['\x1b(B\x1b=\x1bcreset', 'reset'],
  ['\x1b', ''],
  ['\x1b[', ''],
  ['\x1b[31', ''],
  ['\x1b\x1b[31m[31m', '[31m'],
  ['\x1b]0;never ends and the rest stays', '0;never ends and the rest stays'],
  ['\x1b]0;a\nb\x07c', '0;abc'],
  ['evil\u202egpj.exe', 'evilgpj.exe'],
  ['\u061ca\u200eb\u200fc\u202ad\u202be\u202cf\u202dg\u2066h\u2067i\u2068j\u2069k', 'abcdefghijk'],
])('%j is shown as %j', (text, shown) => {
  expect(clean(text)).toBe(shown);
});

const unprintable = (text: string) =>
  [...text].some((character) => {
    const code = character.codePointAt(0) ?? 0;
    const control = code < 0x20 || (code >= 0x7f && code < 0xa0);
    const bidi =
      [0x61c, 0x200e, 0x200f].includes(code) ||
      (code >= 0x202a && code <= 0x202e) ||
      (code >= 0x2066 && code <= 0x2069);
    return control || bidi;
  });

const loud = fc.string({
  unit: fc.oneof(
    fc.constantFrom(...'\x1b\x9b\x9d\x90\x9c\x07\0\n\t\u202e\u2069[]\\;?0m P_^X(B', '👩', '\ud800', '\udc00'),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
  ),
  maxLength: 60,
});

test('what is shown never holds a control character, and cleaning it again changes nothing', () => {
  fc.assert(
    fc.property(loud, (text) => {
      const shown = clean(text);
      expect(unprintable(shown)).toBe(false);
      expect(clean(shown)).toBe(shown);
    }),
    { numRuns: 20_000 },
  );
});

test('text without control characters is shown as it is', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      if (!unprintable(text)) expect(clean(text)).toBe(text);
    }),
    { numRuns: 5_000 },
  );
});

test('a mebibyte of introducers is cleaned at once', () => {
  for (const piece of ['\x1b]', '\x9d', '\x1b[', '\x1bP', '\x1b[1', '\x9d0;', '\x1b ', '\x1b\x9d\x1b]a']) {
    const startedAt = performance.now();
    clean(piece.repeat(2 ** 20 / piece.length));
    expect(performance.now() - startedAt, JSON.stringify(piece)).toBeLessThan(1_500);
  }
});

test.each<[text: string, limit: number, expected: string]>([
  ['', 0, ''],
  ['abc', 3, 'abc'],
  ['abcd', 3, 'ab…'],
  ['abc', 1, '…'],
  ['abc', 0, ''],
  ['a👩b', 4, 'a👩b'],
  ['a👩bc', 4, 'a👩…'],
  ['a👩bc', 3, 'a…'],
])('%j is cut to %i as %j', (text, limit, expected) => {
  expect(truncate(text, limit)).toBe(expected);
});

test('a cut text is never longer than asked for and never ends in half a character', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.nat(12), (text, limit) => {
      const cut = truncate(text, limit);
      expect(cut.length).toBeLessThanOrEqual(limit);
      expect(Buffer.from(cut).toString()).toBe(cut);
    }),
    { numRuns: 5_000 },
  );
});
