/**
 * What a server wrote, made harmless for a terminal or a page. Text inside an OSC or DCS string goes
 * with its sequence; one that never ends loses its introducer only, so it cannot swallow what follows.
 */

const sequences = [
  // OSC, DCS, SOS, PM and APC up to BEL or ST. No control character inside: each scan ends at the next
  // introducer, which keeps a text of nothing but introducers linear.
  '(?:\\x1b[\\]PX^_]|[\\x90\\x98\\x9d-\\x9f])[^\\x00-\\x1f\\x7f-\\x9f]*(?:\\x07|\\x9c|\\x1b\\\\)',
  // CSI
  '(?:\\x1b\\[|\\x9b)[0-?]*[ -/]*[@-~]?',
  // every other escape
  '\\x1b[ -/]*[0-~]?',
];

const controls = '[\\x00-\\x1f\\x7f-\\x9f]';

// U+061C, U+200E, U+200F: marks. U+202A-202E: embeddings and overrides. U+2066-2069: isolates.
const bidi = '[\\u061c\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069]';

const unprintable = new RegExp([...sequences, controls, bidi].join('|'), 'g');

/** Without escape sequences, C0 (line ends and tabs too), C1, DEL and bidi controls. */
export function clean(text: string): string {
  return text.replace(unprintable, '');
}

const ellipsis = '…';

/** At most `limit` UTF-16 units, an ellipsis included when something was cut. Never ends in half a character. */
export function truncate(text: string, limit: number): string {
  if (text.length <= limit) return text;
  if (limit < 1) return '';
  const kept = text.slice(0, limit - 1);
  return kept.replace(/[\ud800-\udbff]$/, '') + ellipsis;
}
