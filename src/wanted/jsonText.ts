import { Fault, type Json, type Member } from './json.js';

/** More than any file that is meant; it keeps the call stack small. */
const deepest = 16;

const escaping = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;
const number = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const word = /[A-Za-z]+/y;
const blank = /[ \t\r\n]*/y;
const words: ReadonlyMap<string, boolean | null> = new Map([
  ['true', true],
  ['false', false],
  ['null', null],
]);

/** The whole of a text as JSON, by RFC 8259; a name that comes twice in an object is a fault. */
export function parseJson(text: string): Json | Fault {
  try {
    return new Reader(text).whole();
  } catch (fault) {
    if (fault instanceof Fault) return fault;
    throw fault;
  }
}

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  whole(): Json {
    const value = this.#value(0);
    if (this.#at < this.#text.length) throw this.#unexpected('the end');
    return value;
  }

  #value(depth: number): Json {
    this.#match(blank);
    const at = this.#at;
    if (depth > deepest) throw new Fault(at, `it is nested deeper than ${deepest} levels`);
    const value = this.#bare(at, depth);
    this.#match(blank);
    return value;
  }

  #bare(at: number, depth: number): Json {
    const first = this.#text[at];
    if (first === '{') return { is: 'object', at, members: this.#members(depth) };
    if (first === '[') return { is: 'list', at, items: this.#listed(']', () => this.#value(depth + 1)) };
    if (first === '"') return { is: 'value', at, value: this.#string() };
    const digits = this.#match(number);
    if (digits !== '') return { is: 'value', at, value: Number(digits) };
    const value = words.get(this.#match(word));
    if (value !== undefined) return { is: 'value', at, value };
    this.#at = at;
    throw this.#unexpected('a value');
  }

  #members(depth: number): readonly Member[] {
    const names = new Set<string>();
    return this.#listed('}', () => {
      this.#match(blank);
      const at = this.#at;
      if (this.#text[at] !== '"') throw this.#unexpected('a name in quotes');
      const name = this.#string();
      if (names.has(name)) throw new Fault(at, `${JSON.stringify(name)} stands here a second time`);
      names.add(name);
      this.#match(blank);
      if (this.#text[this.#at] !== ':') throw this.#unexpected('a colon');
      this.#at += 1;
      return { name, at, value: this.#value(depth + 1) };
    });
  }

  /** What stands between brackets, with commas between. */
  #listed<T>(end: string, one: () => T): readonly T[] {
    const all: T[] = [];
    this.#at += 1;
    this.#match(blank);
    if (this.#text[this.#at] === end) {
      this.#at += 1;
      return all;
    }
    for (;;) {
      all.push(one());
      const next = this.#text[this.#at];
      if (next !== end && next !== ',') throw this.#unexpected(`a comma or ${end}`);
      this.#at += 1;
      if (next === end) return all;
    }
  }

  #string(): string {
    const from = this.#at;
    for (let at = from + 1; at < this.#text.length; at += 1) {
      const code = this.#text.charCodeAt(at);
      if (code < 0x20) throw new Fault(at, 'a text may not hold line ends or other control characters');
      if (code === 0x22) {
        this.#at = at + 1;
        return JSON.parse(this.#text.slice(from, this.#at));
      }
      if (code !== 0x5c) continue;
      this.#at = at;
      const escaped = this.#match(escaping);
      if (escaped === '') throw new Fault(at, 'this is no escape of JSON');
      at += escaped.length - 1;
    }
    throw new Fault(from, 'this text is never closed');
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const [found = ''] = pattern.exec(this.#text) ?? [];
    this.#at += found.length;
    return found;
  }

  #unexpected(wanted: string): Fault {
    const found = this.#text.codePointAt(this.#at);
    const what = found === undefined ? 'the end' : JSON.stringify(String.fromCodePoint(found));
    return new Fault(this.#at, `${wanted} is wanted here, not ${what}`);
  }
}
