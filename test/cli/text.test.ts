import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ageText, spanText } from '../../src/cli/ages.js';
import { layOut, line } from '../../src/cli/columns.js';
import { share } from '../../src/cli/share.js';
import { fill, shorten, widthOf } from '../../src/cli/width.js';

describe('widths', () => {
  test.each([
    ['', 0],
    ['abc', 3],
    ['Grüße', 5],
    ['e\u0301', 1],
    ['漢字', 4],
    ['한글', 4],
    ['ｆｕｌｌ', 8],
    ['🙂', 2],
    ['👩‍👩‍👧', 2],
    ['…', 1],
  ])('%j takes %i columns', (text, width) => {
    expect(widthOf(text)).toBe(width);
  });

  test('a text is cut between characters, never wider than there is room', () => {
    expect(shorten('漢字', 3)).toBe('漢…');
    expect(shorten('漢字', 2)).toBe('…');
    expect(shorten('abc', 3)).toBe('abc');
    expect(shorten('abcd', 3, '~')).toBe('ab~');
    expect(shorten('abc', 0)).toBe('');
    expect(fill('漢', 4)).toBe('漢  ');
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.nat(20), (text, room) => {
        expect(widthOf(shorten(text, room))).toBeLessThanOrEqual(room);
        expect(widthOf(fill(text, room))).toBe(room);
      }),
    );
  });
});

test.each([
  [0, '0s', '0 ms'],
  [59, '59s', '59 s'],
  [60, '1m', '1 min 0 s'],
  [3_599, '59m', '59 min 59 s'],
  [11_100, '3h05m', '3 h 5 min'],
  [367_200, '4d06h', '102 h 0 min'],
])('%i seconds are %s, or %s', (seconds, column, sentence) => {
  expect(ageText(seconds)).toBe(column);
  expect(spanText(seconds * 1_000)).toBe(sentence);
});

describe('columns', () => {
  const columns = [
    { title: 'A', rank: 0, least: 3 },
    { title: 'B', rank: 1 },
    { title: 'C', rank: 2 },
  ];
  const rows = [['aaaaaaaa', 'bbb', 'ccc']];
  const at = (room: number) => line(layOut(columns, rows, room), rows[0] ?? []);

  test('all are whole where there is room', () => {
    expect(at(18)).toBe('aaaaaaaa  bbb  ccc');
    expect(at(1_000)).toBe('aaaaaaaa  bbb  ccc');
  });
  test('what can shrink shrinks, then the least worth goes, and the last one is cut', () => {
    expect(at(14)).toBe('aaa…  bbb  ccc');
    expect(at(12)).toBe('aaaaaa…  bbb');
    expect(at(7)).toBe('aaaaaa…');
    expect(at(1)).toBe('…');
    expect(at(0)).toBe('');
  });
});

describe('the share of a window', () => {
  test('a window that is large has everything, with air', () => {
    expect(share([2, 1], 30)).toEqual({ title: true, head: true, airy: true, profiles: 2, sessions: [2, 1] });
  });
  test('sessions get their lines in turns', () => {
    expect(share([5, 1, 5], 9)).toMatchObject({ airy: false, profiles: 3, sessions: [2, 1, 1] });
  });
  test('many profiles leave a line for the number of those left out', () => {
    expect(
      share(
        Array.from({ length: 9 }, () => 3),
        4,
      ),
    ).toEqual({
      title: false,
      head: false,
      airy: false,
      profiles: 3,
      sessions: [0, 0, 0],
    });
  });
});
