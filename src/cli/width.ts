/** How many columns of a terminal a text takes. */

const printableAscii = /^[\x20-\x7e]*$/;
const nothing = /^[\p{Mn}\p{Me}\p{Cf}\p{Cc}]+$/u;
// East Asian Wide and Fullwidth, in blocks, and what is drawn as a picture.
const wide =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}|\ufe0f/u;

/** Made when it is wanted: it takes longer than all else of a command's start. */
let segmenter: Intl.Segmenter | undefined;
function graphemesOf(text: string): Intl.Segments {
  segmenter ??= new Intl.Segmenter('en', { granularity: 'grapheme' });
  return segmenter.segment(text);
}

export function widthOf(text: string): number {
  if (printableAscii.test(text)) return text.length;
  let width = 0;
  for (const { segment } of graphemesOf(text)) width += widthOfOne(segment);
  return width;
}

/** Cut to at most `limit` columns, with `mark` for what is missing. */
export function shorten(text: string, limit: number, mark = '…'): string {
  if (widthOf(text) <= limit) return text;
  const room = limit - widthOf(mark);
  if (room < 0) return '';
  let kept = '';
  let width = 0;
  for (const { segment } of graphemesOf(text)) {
    width += widthOfOne(segment);
    if (width > room) break;
    kept += segment;
  }
  return kept + mark;
}

/** Cut or filled up to exactly `width` columns. */
export function fill(text: string, width: number, mark?: string): string {
  const fitted = shorten(text, width, mark);
  return fitted + ' '.repeat(Math.max(0, width - widthOf(fitted)));
}

const widthOfOne = (grapheme: string): number =>
  nothing.test(grapheme) ? 0 : wide.test(grapheme) || /\ufe0f/.test(grapheme) ? 2 : 1;
