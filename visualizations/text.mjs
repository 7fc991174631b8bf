/** How large things are. Text is as wide as in the widest of the fonts that a reader is likely to have, DejaVu Sans. */

/** From the space to the tilde, in hundredths of the font's size. */
const widths = (
  '32 40 46 84 64 95 78 27 39 39 50 84 32 36 32 34 64 64 64 64 64 64 64 64 64 64 34 34 84 84 84 53 ' +
  '100 68 69 70 77 63 58 77 75 29 29 66 56 86 75 79 60 79 69 63 61 73 68 99 69 61 69 39 34 39 84 50 ' +
  '50 61 63 55 63 62 35 63 63 28 28 58 28 97 63 61 63 63 41 52 39 63 59 82 59 59 52 64 34 64 84'
)
  .split(' ')
  .map(Number);
const boldness = 1.13;

/** What is written in a picture: the size of the style sheet's text of that class. */
export const sizes = { name: 13, title: 13, actor: 11, label: 11, told: 11, to: 11 };

/** @param {string} text @param {keyof typeof sizes} kind */
export const widthOf = (text, kind) => {
  const all = [...text].reduce((sum, sign) => sum + (widths[sign.charCodeAt(0) - 32] ?? 84), 0);
  return (all * sizes[kind] * (kind === 'title' ? boldness : 1)) / 100;
};

/** @param {string[]} texts @param {keyof typeof sizes} kind */
export const widest = (texts, kind) => Math.max(0, ...texts.map((text) => widthOf(text, kind)));

/** Heights of a line of text and of a state's name and actor, and the room around them. */
export const measures = {
  line: 15,
  name: 22,
  actor: 13,
  pad: 10,
  gap: 14,
  tab: 12,
  labelIndent: 7,
  bodyTop: 10,
};
