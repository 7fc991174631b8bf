/** Text for people. What a server wrote is shown with its invisible characters made visible. */

const hidden = /[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g;
const codeOf = (char: string) => (char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');

/** Control and bidi characters as `‹U+202E›`. */
export const visible = (text: string): string => text.replace(hidden, (char) => `‹U+${codeOf(char)}›`);

export const clockText = (time: string | number): string => {
  const date = new Date(time);
  const two = (n: number, width = 2) => String(n).padStart(width, '0');
  const clock = [date.getHours(), date.getMinutes(), date.getSeconds()].map((n) => two(n)).join(':');
  return `${clock}.${two(date.getMilliseconds(), 3)}`;
};

/** With the day. */
export const momentText = (time: number): string =>
  `${new Date(time).toLocaleDateString('sv-SE')} ${clockText(time)}`;

export function ageText(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  if (seconds < 60) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}m ${seconds % 60}s`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours}h ${minutes % 60}m` : `${Math.floor(hours / 24)}d ${hours % 24}h`;
}

export function bytesText(bytes: number): string {
  if (bytes < 1_024) return `${bytes} B`;
  const units = ['KiB', 'MiB', 'GiB', 'TiB'];
  let [value, unit] = [bytes / 1_024, 0];
  while (value >= 1_024 && unit < units.length - 1) {
    value /= 1_024;
    unit += 1;
  }
  return `${value.toFixed(value < 10 ? 1 : 0)} ${units[unit]}`;
}

/** `{ running: { shown: 'quiet' } }` as all the paths that it is in. */
export function pathsOf(value: unknown, above = ''): readonly string[] {
  const join = (key: string) => (above === '' ? key : `${above}.${key}`);
  if (typeof value === 'string') return [join(value)];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, below]) => [join(key), ...pathsOf(below, join(key))]);
}

/** The innermost of them. */
export function valueText(value: unknown): string {
  const paths = pathsOf(value);
  return paths.filter((path) => !paths.some((other) => other.startsWith(`${path}.`))).join('  +  ');
}

const tones: Readonly<Record<string, string>> = {
  running: 'good',
  connected: 'good',
  guarding: 'good',
  open: 'good',
  up: 'good',
  shown: 'good',
  carrying: 'good',
  starting: 'busy',
  resuming: 'busy',
  suspending: 'busy',
  connecting: 'busy',
  opening: 'busy',
  recovering: 'warn',
  degraded: 'warn',
  lost: 'warn',
  stalled: 'warn',
  waitingToRetry: 'warn',
  failed: 'bad',
  faulty: 'bad',
  error: 'bad',
};

/** What kind of colour a state has: good, busy, warn, bad or quiet. */
export const toneOf = (tag: string): string => tones[tag] ?? 'quiet';

/** Plain text of a fact. */
export function factText(key: string, value: unknown): string {
  if (value === null || value === undefined) return '–';
  if (typeof value === 'number') {
    if (key === 'sent' || key === 'received') return bytesText(value);
    if (key === 'ageSeconds') return ageText(value * 1_000);
    if (/Ms$/.test(key)) return ageText(value);
    return String(value);
  }
  if (typeof value === 'string') return visible(value);
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (Array.isArray(value))
    return value.length === 0 ? '–' : value.map((one) => factText('', one)).join(', ');
  const { code, message } = value as { code?: unknown; message?: unknown };
  if (typeof code === 'string' && typeof message === 'string') return visible(`${code}: ${message}`);
  return Object.entries(value)
    .map(([name, one]) => `${name} ${factText(name, one)}`)
    .join(', ');
}
