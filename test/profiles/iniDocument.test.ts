import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { IniDocument } from '../../src/profiles/iniDocument.js';
import { keyOf, rawKey } from '../../src/profiles/iniKey.js';
import { parseValue, valueText } from '../../src/profiles/iniValue.js';

const fixture = (name: string) => readFileSync(new URL(`../fixtures/x2goclient/${name}`, import.meta.url));
const of = (text: string) => IniDocument.parse(Buffer.from(text, 'latin1'));
const textOf = (document: IniDocument) => document.bytes.toString('latin1');
const valuesOf = (text: string, section = 's') => Object.fromEntries(of(text).values().get(section) ?? []);

describe('a value is read as Qt reads it', () => {
  test.each([
    ['plain', 'plain'],
    ['  blanks around \t', 'blanks around'],
    ['"  kept  "', '  kept  '],
    ['a, b ,c', ['a', 'b', 'c']],
    ['"a, b"', 'a, b'],
    ['"a" , "b;c"', ['a', 'b;c']],
    ['\\xe4\\x20ac', 'ä€'],
    ['\\xe4\\x62', 'äb'],
    ['\\0\\x31', '\x001'],
    ['\\101\\n\\t\\"\\\\', 'A\n\t"\\'],
    ['\\q\\x', 'x'.slice(1)],
    ['\\x1000041', 'A'],
    ['\xc3\xa4', 'ä'],
    ['\xe4', 'ä'],
    ['@@home', '@home'],
    ['@Invalid()', ''],
    ['@ByteArray(abc)', 'abc'],
    ['@Variant(\\0\\0)', '@Variant(\0\0)'],
    ['"open', 'open'],
    ['', ''],
  ])('%j', (raw, value) => {
    expect(parseValue(raw)).toEqual(value);
  });

  test('whatever it is, and what is written is read again', () => {
    const value = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 20 }),
      fc.array(fc.string({ unit: 'binary', maxLength: 9 }), { minLength: 2, maxLength: 4 }),
    );
    fc.assert(
      fc.property(value, (one) => {
        const raw = valueText(one);
        expect(raw).toMatch(/^[ -~]*$/);
        expect(parseValue(raw)).toEqual(one);
        expect(valuesOf(`[s]\nbefore=1\nk=${raw}\nafter=2\n`)).toEqual({ before: '1', k: one, after: '2' });
      }),
      { numRuns: 60 },
    );
  });

  test('keys too', () => {
    expect([rawKey('a/b ä€'), keyOf('a\\b%20%E4%U20AC%')]).toEqual(['a\\b%20%E4%U20AC', 'a/b ä€%']);
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (key) => {
        expect(keyOf(rawKey(key))).toBe(key);
      }),
    );
  });
});

describe('lines are told apart as Qt does', () => {
  test('comments, blank lines, quotes over lines, and escaped line ends', () => {
    const text = '; c = 1\n\n[s]\r\na=1;x=2\r\nb="two\nlines"\nc=con\\\ntinued\n=5\nnothing\n  d = 4 \n';
    expect(valuesOf(text)).toEqual({ a: '1', b: 'two\nlines', c: 'continued', '': '5', d: '4' });
  });
  test('sections of one name are one, and the later line counts', () => {
    expect(valuesOf('[s]\na=1\n[t]\na=9\n[s]\na=2\nb=3')).toEqual({ a: '2', b: '3' });
  });
  test('[General] is no section, [%General] is', () => {
    const document = of('[general]\na=1\n[%General]\na=2\n[a%20b\\c]\n');
    expect(document.sections).toEqual(['', 'General', 'a b/c']);
  });
});

describe('nothing is lost', () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc
      .array(
        fc.constantFrom(
          '[s]',
          '[',
          ']',
          'a',
          '=',
          '"',
          '\\',
          ';',
          '\n',
          '\r\n',
          ' ',
          '\xa0',
          '\0',
          'x41',
          ',',
          '\ufeff',
        ),
      )
      .map((pieces) => new Uint8Array(Buffer.from(pieces.join(''), 'latin1'))),
  );

  test('of any file that is read and written', () => {
    fc.assert(
      fc.property(bytes, (one) => {
        const document = IniDocument.parse(one);
        expect(document.bytes.equals(one)).toBe(true);
        document.values();
      }),
      { numRuns: 200 },
    );
  });

  test('of the file of a real x2goclient, by setting everything to what it is', () => {
    const before = fixture('sessions-by-4.1.2');
    let document = IniDocument.parse(before);
    for (const [section, values] of document.values())
      for (const [key, value] of values) document = document.set(section, key, value);
    expect(document.bytes.equals(before)).toBe(true);
  });

  test('a change touches one line', () => {
    const text = '; mine\n[b]\nz=1 ; why\n  odd  =  "x"\n\n; of a\n[a]\nz=1';
    expect(textOf(of(text).set('b', 'z', '2').set('b', 'odd', 'a,b'))).toBe(
      '; mine\n[b]\nz=2; why\n  odd  ="a,b"\n\n; of a\n[a]\nz=1',
    );
    expect(textOf(of(text).set('b', 'new', 'n'))).toBe(text.replace('"x"\n', '"x"\nnew=n\n'));
    expect(textOf(of(text).set('a', 'new', 'n'))).toBe(`${text}\nnew=n\n`);
    expect(textOf(of(text).set('c', 'k', 'v'))).toBe(`${text}\n\n[c]\nk=v\n`);
    expect(textOf(of(text).unset('b', 'z'))).toBe(text.replace('z=1 ; why', '; why'));
    expect(textOf(of(text).removeSection('b'))).toBe('; mine\n; of a\n[a]\nz=1');
    expect(textOf(of(text).removeSection('none').unset('b', 'none'))).toBe(text);
    expect(textOf(of('[s]\r\na=1\r\n').set('s', 'b', '2'))).toBe('[s]\r\na=1\r\nb=2\r\n');
    expect(textOf(of('').set('s', 'b', '2'))).toBe('[s]\nb=2\n');
    expect(textOf(of('[s]\na=1;c').set('s', 'b', '2'))).toBe('[s]\na=1;c\nb=2\n');
  });
});

test('a long hostile file is no more than long', () => {
  for (const piece of ['[s]\n', 'a=\\x4\n', 'a="\n', ';', '[', ' \t', 'a=,', '\\']) {
    const document = of(piece.repeat(100_000 / piece.length));
    document.values();
    document.removeSection('s');
  }
});
