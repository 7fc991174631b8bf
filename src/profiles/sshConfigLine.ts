/** One line of ssh_config(5), as ssh reads it. Pure: text in, words or a reason out. */

export interface ConfigLine {
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  /** In lower case. */
  readonly keyword: string;
  /** What follows, as it stands there. */
  readonly rest: string;
  /** What follows, in words: quotes and escapes taken out, a comment left out. */
  readonly words: readonly string[];
}

/** The keyword and what follows, undefined for a blank line or a comment, or the reason why it is neither. */
export function parseConfigLine(
  text: string,
  file: string,
  line: number,
): ConfigLine | undefined | { readonly reason: string } {
  const bare = withoutEnd(text).replace(/^[ \t\r]+/, '');
  if (bare === '' || bare.startsWith('#')) return undefined;
  // Blanks, or at most one = with blanks around it.
  const [, keyword, rest] = /^([^ \t\r="]+)[ \t\r]*=?[ \t\r]*(.*)$/s.exec(bare) ?? [];
  if (keyword === undefined || rest === undefined) return { reason: 'a keyword is wanted' };
  if (rest === '') return { reason: `nothing follows ${shown(keyword)}` };
  const words = splitWords(rest);
  if (words === undefined) return { reason: `a quote is not closed after ${shown(keyword)}` };
  return { file, line, keyword: keyword.toLowerCase(), rest, words };
}

/** Without the blanks at its end. A regular expression would begin anew at each of ten thousand blanks in the middle. */
function withoutEnd(text: string): string {
  let end = text.length;
  while (end > 0 && ' \t\r\f'.includes(text.charAt(end - 1))) end -= 1;
  return text.slice(0, end);
}

/** Undefined where a quote is not closed. */
function splitWords(text: string): string[] | undefined {
  const words: string[] = [];
  let at = 0;
  for (;;) {
    while (text[at] === ' ' || text[at] === '\t') at += 1;
    if (at >= text.length || text[at] === '#') return words;
    const word = takeWord(text, at);
    if (word === undefined) return undefined;
    words.push(word.text);
    at = word.end;
  }
}

/** The word that begins here. A backslash takes a quote, a backslash and, outside of quotes, a blank as they are. */
function takeWord(text: string, start: number): { text: string; end: number } | undefined {
  let word = '';
  let quote = '';
  let at = start;
  for (; at < text.length; at += 1) {
    const char = text.charAt(at);
    const next = text.charAt(at + 1);
    const escapes = next !== '' && (quote === '' ? `'"\\ ` : `'"\\`).includes(next);
    if (char === '\\' && escapes) {
      word += next;
      at += 1;
    } else if (quote === '' && (char === ' ' || char === '\t')) break;
    else if (quote === '' && (char === '"' || char === "'")) quote = char;
    else if (char === quote) quote = '';
    else word += char;
  }
  return quote === '' ? { text: word, end: at } : undefined;
}

/** Words for a message: what a file says may be anything. */
export const shown = (text: string) => JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}...` : text);
