import { rawKey, rawSection } from './iniKey.js';
import { type IniLine, iniLines } from './iniLines.js';
import { type IniValue, parseValue, valueText } from './iniValue.js';

type Entry = Extract<IniLine, { readonly kind: 'entry' }>;

/** A file of QSettings that loses nothing: what is not changed stays as it is, to the byte. Every change is a new document. */
export class IniDocument {
  readonly #lines: readonly IniLine[];

  private constructor(lines: readonly IniLine[]) {
    this.#lines = lines;
  }

  static parse(bytes: Uint8Array): IniDocument {
    return new IniDocument(iniLines(Buffer.from(bytes).toString('latin1')));
  }

  get bytes(): Buffer {
    return Buffer.from(this.#lines.map(({ text }) => text).join(''), 'latin1');
  }

  /** Each once, in the order of their first lines. */
  get sections(): readonly string[] {
    return [...this.values().keys()];
  }

  /** What the file says: of two lines for one key the later one counts, as in Qt. */
  values(): ReadonlyMap<string, ReadonlyMap<string, IniValue>> {
    const all = new Map<string, Map<string, IniValue>>();
    for (const { line, section } of this.#placed()) {
      if (line.kind === 'section' && !all.has(section)) all.set(section, new Map());
      if (line.kind !== 'entry') continue;
      const own = all.get(section) ?? new Map<string, IniValue>();
      own.set(line.key, parseValue(line.raw));
      all.set(section, own);
    }
    return all;
  }

  /** A value that is there already in these words or others is left alone. */
  set(section: string, key: string, value: IniValue): IniDocument {
    const placed = this.#placed();
    const at = placed.findLastIndex(({ line, section: own }) => own === section && isEntry(line, key));
    const found = placed[at]?.line as Entry | undefined;
    if (found === undefined) return this.#appended(section, `${rawKey(key)}=${valueText(value)}`);
    if (isSame(parseValue(found.raw), value)) return this;
    const { text, raw, from } = found;
    return this.#reparsed(at, 1, text.slice(0, from) + valueText(value) + text.slice(from + raw.length));
  }

  /** Without any line for this key. */
  unset(section: string, key: string): IniDocument {
    const kept = this.#placed().filter(({ line, section: own }) => own !== section || !isEntry(line, key));
    return kept.length === this.#lines.length ? this : new IniDocument(kept.map(({ line }) => line));
  }

  addSection(section: string): IniDocument {
    if (this.sections.includes(section)) return this;
    const { newline, text } = this.#ending();
    const gap = text === '' ? '' : newline;
    return IniDocument.parse(Buffer.from(`${text}${gap}[${rawSection(section)}]${newline}`, 'latin1'));
  }

  /** Its lines go; comments at its end may be about what follows, and stay. */
  removeSection(section: string): IniDocument {
    const placed = this.#placed();
    const last = placed.findLastIndex((one) => one.section === section && one.line.kind !== 'other');
    const kept = placed.filter(
      ({ line, section: own }, at) => own !== section || (at > last && line.text.includes(';')),
    );
    return new IniDocument(kept.map(({ line }) => line));
  }

  #placed(): readonly { readonly line: IniLine; readonly section: string }[] {
    let section = '';
    return this.#lines.map((line) => {
      if (line.kind === 'section') section = line.section;
      return { line, section };
    });
  }

  /** After the last line of the section that says something; blank lines stay between it and the next one. */
  #appended(section: string, line: string): IniDocument {
    const before = this.addSection(section);
    const { newline } = before.#ending();
    const placed = before.#placed();
    let after = placed.findLastIndex((one) => one.section === section && one.line.kind !== 'other') + 1;
    let last = placed[after - 1]?.line.text ?? '';
    const rest = placed[after]?.line;
    // A comment on the same line stays there.
    if (!isWholeLine(last) && rest?.kind === 'other') {
      last = rest.text;
      after++;
    }
    return before.#reparsed(after, 0, `${isWholeLine(last) ? '' : newline}${line}${newline}`);
  }

  #reparsed(at: number, count: number, text: string): IniDocument {
    const lines = [...this.#lines];
    lines.splice(at, count, ...iniLines(text));
    return new IniDocument(lines);
  }

  #ending(): { readonly newline: string; readonly text: string } {
    const text = this.#lines.map((line) => line.text).join('');
    const newline = /\r\n|\n|\r/.exec(text)?.[0] ?? '\n';
    return { newline, text: text === '' || isWholeLine(text) ? text : text + newline };
  }
}

const isEntry = (line: IniLine, key: string): line is Entry => line.kind === 'entry' && line.key === key;
const isWholeLine = (text: string) => /[\n\r]$/.test(text);
const isSame = (one: IniValue, other: IniValue) => JSON.stringify(one) === JSON.stringify(other);
