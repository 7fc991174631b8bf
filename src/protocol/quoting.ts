export type Quoted =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly reason: string };

/**
 * One word for /bin/sh, whatever is in it. Only for sh: a login shell such as tcsh still sees `!` and
 * line ends inside single quotes.
 */
export function quote(text: string): Quoted {
  if (text.includes('\0')) return { ok: false, reason: 'a NUL cannot be part of a word' };
  return { ok: true, text: `'${text.replaceAll("'", "'\\''")}'` };
}

/** The words of one command, with blanks between them; refused as a whole if one is. */
export function quoteAll(words: readonly string[]): Quoted {
  const texts: string[] = [];
  for (const word of words) {
    const quoted = quote(word);
    if (!quoted.ok) return quoted;
    texts.push(quoted.text);
  }
  return { ok: true, text: texts.join(' ') };
}
