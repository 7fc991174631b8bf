import { keyOf } from './iniKey.js';

/** A line as Qt's QSettings takes it. The texts of all lines together are the file, byte for byte. */
export type IniLine =
  | { readonly kind: 'section'; readonly text: string; readonly section: string }
  | {
      readonly kind: 'entry';
      readonly text: string;
      readonly key: string;
      /** What stands after the equals sign, and where. */
      readonly raw: string;
      readonly from: number;
    }
  /** Blank, a comment, or nothing that QSettings understands. */
  | { readonly kind: 'other'; readonly text: string };

const blank = /[\t\n\v\f\r ]*/y;
const comment = /;[^\n\r]*(?:\r\n|\n|\r)?/y;
const lineEnd = /\r\n|\n|\r|/y;
const special = /["\\;=\n\r]/g;
/** Not \s: that takes the byte of a no-break space, too. */
const stillTrivial = /[;\t\n\v\f\r ]/;
const mark = '\xef\xbb\xbf';

/** The section of what stands before the first one, and below `[General]`. No profile has this name. */
export const topLevel = '';

/** Takes any text of bytes (latin1) apart. Quotes that are never closed reach to the end, as in Qt. */
export function iniLines(text: string): IniLine[] {
  const lines: IniLine[] = [];
  let at = 0;
  const other = (end: number) => {
    if (end > at) lines.push({ kind: 'other', text: text.slice(at, end) });
    at = end;
  };
  if (text.startsWith(mark)) other(mark.length);
  while (at < text.length) {
    other(endOf(blank, text, at));
    other(endOf(comment, text, at));
    if (at === text.length || stillTrivial.test(text.charAt(at))) continue;
    const { end, equals } = extent(text, at);
    const after = endOf(lineEnd, text, end);
    lines.push(understood(text.slice(at, end), text.slice(at, after), equals - at));
    at = after;
  }
  return lines;
}

function understood(content: string, text: string, equals: number): IniLine {
  if (content.startsWith('[')) return { kind: 'section', text, section: sectionOf(content) };
  if (equals < 0) return { kind: 'other', text };
  const key = keyOf(content.slice(0, equals).replace(/[ \t]+$/, ''));
  const from = equals + 1;
  return { kind: 'entry', text, key, raw: content.slice(from), from };
}

function sectionOf(content: string): string {
  const close = content.indexOf(']');
  const name = content
    .slice(1, close < 0 ? undefined : close)
    .replace(/^[\t\n\v\f\r ]+|[\t\n\v\f\r ]+$/g, '');
  if (/^general$/i.test(name)) return topLevel;
  return /^%general$/i.test(name) ? name.slice(1) : keyOf(name);
}

/** Where a line ends, and where its first equals sign outside of quotes stands (-1: there is none). */
function extent(text: string, from: number): { readonly end: number; readonly equals: number } {
  let equals = -1;
  let isQuoted = false;
  special.lastIndex = from;
  for (let found = special.exec(text); found !== null; found = special.exec(text)) {
    const at = found.index;
    if (found[0] === '"') isQuoted = !isQuoted;
    else if (found[0] === '\\') special.lastIndex = afterEscape(text, at + 1);
    else if (isQuoted) continue;
    else if (found[0] !== '=') return { end: at, equals };
    else if (equals < 0) equals = at;
  }
  return { end: text.length, equals };
}

/** A backslash takes the next character with it, and a line end as a whole. */
const afterEscape = (text: string, at: number): number =>
  /^(?:\r\n|\n\r)/.test(text.slice(at, at + 2)) ? at + 2 : at + 1;

function endOf(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return at + (pattern.exec(text)?.[0].length ?? 0);
}
