/** A value of Qt's INI dialect: a text, or a list where a comma stood outside of quotes. */
export type IniValue = string | readonly string[];

const letters: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '"': '"',
  '?': '?',
  "'": "'",
  '\\': '\\',
};

// One alternative each: an escape by number, any other escape (a line end is taken whole), a quote, a comma, plain bytes.
const piece = /\\x([0-9A-Fa-f]+)|\\([0-7]+)|\\(\r\n|\n\r|[\s\S])?|(")|(,)|[^\\",]+/g;

/** Decodes what stands after the equals sign (bytes as latin1). Total: every text is some value. */
export function parseValue(raw: string): IniValue {
  const items: string[] = [];
  let item = '';
  let wasQuoted = false;
  let isQuoted = false;
  let atStart = true;
  const endItem = () => {
    items.push(wasQuoted ? item : item.replace(/[ \t]+$/, ''));
    item = '';
    wasQuoted = false;
    atStart = true;
  };
  for (const [text, hex, octal, letter, quote, comma] of raw.matchAll(piece)) {
    if (quote !== undefined) {
      wasQuoted = true;
      isQuoted = !isQuoted;
      atStart = !isQuoted;
      continue;
    }
    if (comma !== undefined && !isQuoted) {
      endItem();
      continue;
    }
    if (hex !== undefined) item += unit(hex, 16);
    else if (octal !== undefined) item += unit(octal, 8);
    else if (text.startsWith('\\')) item += letters[letter ?? ''] ?? '';
    else item += atStart ? decoded(text).replace(/^[ \t]+/, '') : decoded(text);
    atStart = false;
  }
  const isList = items.length > 0;
  endItem();
  return isList ? items.map(meant) : meant(items[0] ?? '');
}

/** Qt takes the last 16 bits of a number of any length. */
function unit(digits: string, base: number): string {
  const bits = base === 16 ? 4 : 6;
  return String.fromCharCode(Number.parseInt(digits.slice(-bits), base) & 0xffff);
}

/** Bytes that are UTF-8 are what a person or python-x2go wrote; x2goclient itself escapes all but ASCII. */
function decoded(bytes: string): string {
  if (!/[\x80-\xff]/.test(bytes)) return bytes;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(bytes, 'latin1'));
  } catch {
    return bytes;
  }
}

/** A text that begins with an @ is something else to Qt, unless the @ is doubled. */
function meant(text: string): string {
  if (!text.startsWith('@')) return text;
  if (text.startsWith('@@')) return text.slice(1);
  if (text === '@Invalid()') return '';
  return /^@(?:ByteArray|String)\(([\s\S]*)\)$/.exec(text)?.[1] ?? text;
}

/** As Qt writes it, and x2goclient reads it. ASCII only. */
export function valueText(value: IniValue): string {
  if (typeof value === 'string') return quoted(value);
  return value.length === 0 ? '@Invalid()' : value.map(quoted).join(', ');
}

const escapes: Readonly<Record<string, string>> = {
  '\0': '\\0',
  ...Object.fromEntries(Object.entries(letters).map(([letter, plain]) => [plain, `\\${letter}`])),
  '?': '?',
  "'": "'",
};

function quoted(text: string): string {
  let raw = text.startsWith('@') ? '@' : '';
  let isNumber: boolean = false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    const char = text.charAt(at);
    const known = escapes[char];
    // A hex digit after a number would be taken for one more of its own.
    const isBytes: boolean = code < 0x20 || code >= 0x7f || (isNumber && /[0-9A-Fa-f]/.test(char));
    raw += known ?? (isBytes ? `\\x${code.toString(16)}` : char);
    isNumber = char === '\0' || (known === undefined && isBytes);
  }
  return /[;,=]|^ | $|\\t$/.test(raw) ? `"${raw}"` : raw;
}
