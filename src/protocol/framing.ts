/**
 * How a script's answer is told from whatever the login shell printed around it: every line of ours carries a
 * random marker. `MARKER begin 0` opens the answer, `MARKER <section> <code>` closes a section and carries the
 * exit code of its command, `MARKER end <code>` closes the answer.
 */
export interface Section {
  readonly name: string;
  readonly code: number;
  readonly body: string;
}

export type Framed =
  | { readonly ok: true; readonly code: number; readonly sections: readonly Section[] }
  | { readonly ok: false; readonly reason: string; readonly noise: string };

/** A marker line always starts on a line of its own, whatever was printed before without a newline. */
export const beginLine = (marker: string) => `\n${marker} begin 0\n`;
export const sectionLine = (marker: string, name: string, code: number) => `\n${marker} ${name} ${code}\n`;
export const endLine = (marker: string, code: number) => `\n${marker} end ${code}\n`;

/** Whether the answer is complete; cheap enough to ask at every chunk. */
export function isComplete(marker: string, text: string): boolean {
  const at = text.lastIndexOf(`\n${marker} end `);
  return at >= 0 && text.indexOf('\n', at + 1) >= 0;
}

export function parseFramed(marker: string, text: string): Framed {
  const begin = `\n${marker} begin 0\n`;
  const started = `\n${text}`.indexOf(begin);
  if (started < 0) return { ok: false, reason: 'the answer never began', noise: text };
  const sections: Section[] = [];
  // Both `text` and `begin` were given one leading newline, so the offsets agree with `text`.
  let rest = text.slice(started + begin.length - 1);
  for (;;) {
    const at = `\n${rest}`.indexOf(`\n${marker} `);
    if (at < 0) return { ok: false, reason: 'the answer never ended', noise: rest };
    const lineEnd = rest.indexOf('\n', at);
    const line = rest.slice(at, lineEnd < 0 ? undefined : lineEnd);
    const [, name = '', codeText = ''] = line.split(' ');
    const code = /^[0-9]{1,3}$/.test(codeText) ? Number(codeText) : undefined;
    if (code === undefined || lineEnd < 0) return { ok: false, reason: 'a section ended badly', noise: line };
    if (name === 'end') return { ok: true, code, sections };
    // One newline is ours: the marker line's own.
    sections.push({ name, code, body: rest.slice(0, Math.max(0, at - 1)) });
    rest = rest.slice(lineEnd + 1);
  }
}
