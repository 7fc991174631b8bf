import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { toFailure, X2GoError } from '../errors.js';
import type { FeedLine } from './feed.js';
import type { RecordingHeader } from './recording.js';

/** A line of a recording, with its number. */
export interface RecordedLine {
  readonly number: number;
  readonly line: FeedLine;
}
export interface BadLine {
  readonly number: number;
  readonly reason: string;
}
/** What a recording holds. Bad lines are told and left out. */
export interface Recorded {
  readonly header: RecordingHeader | undefined;
  readonly lines: readonly RecordedLine[];
  readonly bad: readonly BadLine[];
}

export type ParsedLine =
  | { readonly ok: true; readonly line: FeedLine | RecordingHeader }
  | { readonly ok: false; readonly reason: string };

type Kind = (value: unknown) => boolean;
const text: Kind = (value) => typeof value === 'string';
const texts: Kind = (value) => Array.isArray(value) && value.every(text);
const address: Kind = (value) => value === null || text(value);
const thing: Kind = (value) => typeof value === 'object' && value !== null;
const maybe =
  (kind: Kind): Kind =>
  (value) =>
    value === undefined || kind(value);

const number: Kind = (value) => Number.isInteger(value);
const moment: Kind = (value) => typeof value === 'string' && !Number.isNaN(Date.parse(value));
const node: Kind = (value) => {
  const { id, chart, tags, about, children } = (value ?? {}) as Record<string, unknown>;
  return (
    text(id) && text(chart) && texts(tags) && thing(about) && Array.isArray(children) && children.every(node)
  );
};
const tree: Kind = (value) => thing(value) && node((value as { root?: unknown }).root);

const every = { seq: number, time: moment };
const shapes: Readonly<Record<string, Readonly<Record<string, Kind>>>> = {
  recording: { v: (value) => value === 1, time: moment, version: text },
  tree: { ...every, tree },
  actor: { ...every, id: text, parent: address, name: text, chart: text, kind: text },
  event: { ...every, to: text, from: address, type: text, event: maybe(thing) },
  state: { ...every, id: text, tags: texts, status: text, about: maybe(thing), error: maybe(thing) },
  gone: { ...every, id: text, status: text, error: maybe(thing) },
  fact: { ...every, fact: (value) => thing(value) && text((value as { event?: unknown }).event) },
};

/** Any text; never throws. */
export function parseRecordedLine(one: string): ParsedLine {
  let value: unknown;
  try {
    value = JSON.parse(one);
  } catch {
    return { ok: false, reason: 'it is no JSON' };
  }
  if (!thing(value)) return { ok: false, reason: 'it is no object' };
  const fields = value as Record<string, unknown>;
  const kind = String(fields.t);
  const shape = Object.hasOwn(shapes, kind) ? shapes[kind] : undefined;
  if (shape === undefined)
    return { ok: false, reason: `a line of the kind ${JSON.stringify(fields.t)} is unknown` };
  const wrong = Object.entries(shape).find(([key, is]) => !is(fields[key]));
  if (wrong) return { ok: false, reason: `its field ${wrong[0]} is not as it should be` };
  return { ok: true, line: value as FeedLine | RecordingHeader };
}

/** Reads a recording. Throws file.unreadable; of its lines none is too odd. */
export async function readRecording(file: string): Promise<Recorded> {
  const lines: RecordedLine[] = [];
  const bad: BadLine[] = [];
  let header: RecordingHeader | undefined;
  const source = createReadStream(file, 'utf8');
  // readline alone does not tell of a file that is missing.
  const broken = new Promise<never>((_, reject) => source.once('error', reject));
  const read = async () => {
    let number = 0;
    for await (const one of createInterface({ input: source, crlfDelay: Number.POSITIVE_INFINITY })) {
      number += 1;
      if (one === '') continue;
      const parsed = parseRecordedLine(one);
      if (!parsed.ok) bad.push({ number, reason: parsed.reason });
      else if (parsed.line.t === 'recording') header ??= parsed.line;
      else lines.push({ number, line: parsed.line });
    }
  };
  try {
    await Promise.race([read(), broken]);
  } catch (cause) {
    throw new X2GoError('file.unreadable', `Cannot read ${file}: ${toFailure(cause).message}`, { cause });
  }
  return { header, lines, bad };
}
