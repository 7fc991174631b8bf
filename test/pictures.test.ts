/** The pictures of the charts can be read: measured in the files as they are, with the widest font that a reader may have. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

type Point = [number, number];
interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}
const from = async <T>(file: string) =>
  (await import(new URL(`../visualizations/${file}`, import.meta.url).href)) as T;
const { along, isOver, isThrough } = await from<{
  along(curve: Point[]): Point[];
  isOver(one: Rect, other: Rect): boolean;
  isThrough(points: Point[], box: Rect): boolean;
}>('flaws.mjs');
const { sizes, widthOf } = await from<{
  sizes: Record<string, number>;
  widthOf(text: string, kind: string): number;
}>('text.mjs');

const folder = new URL('../visualizations/generated/', import.meta.url);
const pictures = readdirSync(folder).filter((name) => name.endsWith('.svg'));

const plain = (text: string) => text.replace(/&#(\d+);/g, (_, code) => String.fromCodePoint(Number(code)));
const attribute = (tag: string, name: string) => new RegExp(` ${name}="([^"]*)"`).exec(tag)?.[1] ?? '';
const number = (tag: string, name: string) => Number(attribute(tag, name));

/** What Chromium measures of a text: a little above its x-height's top, a little below its foot. */
function textBox(tag: string, words: string) {
  const kind = attribute(tag, 'class');
  const size = sizes[kind] ?? Number.NaN;
  const width = widthOf(words, kind);
  const left = number(tag, 'x') - (kind === 'name' || kind === 'actor' ? width / 2 : 0);
  return { x: left, y: number(tag, 'y') - size * 0.78, width, height: size };
}

/** The labels, boxes and lines of a picture. A line that stands there for several transitions is one. */
function parts(svg: string) {
  const texts: { words: string; kind: string; box: Rect; line: string }[] = [];
  const lines = new Map<string, Point[]>();
  for (const [group, tag = ''] of svg.matchAll(/<g class="([^"]*)"[\s\S]*?<\/g>/g)) {
    const line = tag === 'edge' || tag === 'begin' ? attribute(group.slice(group.indexOf('<path')), 'd') : '';
    if (line) {
      const points = line
        .split(/[MC ]+/)
        .filter(Boolean)
        .map(Number);
      const pairs = points.flatMap((x, n): Point[] =>
        n % 2 === 0 ? [[x, points[n + 1] ?? Number.NaN]] : [],
      );
      lines.set(line, along(pairs));
    }
    for (const [text, words = ''] of group.matchAll(/<text[^>]*>([^<]*)<\/text>/g))
      texts.push({
        words: plain(words),
        kind: attribute(text, 'class'),
        box: textBox(text, plain(words)),
        line,
      });
  }
  const frames = [...svg.matchAll(/<rect class="frame"[^>]*>/g)].map(([tag]) => ({
    x: number(tag, 'x'),
    y: number(tag, 'y'),
    width: number(tag, 'width'),
    height: number(tag, 'height'),
  }));
  return { texts, lines, frames };
}

const isWithin = (inner: Rect, outer: Rect) =>
  inner.x >= outer.x &&
  inner.y >= outer.y &&
  inner.x + inner.width <= outer.x + outer.width &&
  inner.y + inner.height <= outer.y + outer.height;
const inset = ({ x, y, width, height }: Rect, by: number) => ({
  x: x + by,
  y: y + by,
  width: width - 2 * by,
  height: height - 2 * by,
});

describe.each(pictures)('%s', (name) => {
  const svg = readFileSync(new URL(name, folder), 'utf8');
  const { texts, lines, frames } = parts(svg);
  const all: Rect = { x: 0, y: 0, width: number(svg, 'width'), height: number(svg, 'height') };
  const leaves = frames.filter((frame) => !frames.some((other) => other !== frame && isWithin(other, frame)));

  test('is shown by GitHub without being made smaller', () => {
    expect(all.width).toBeLessThanOrEqual(860);
    expect(texts.length).toBeGreaterThan(5);
    expect(texts.filter(({ box }) => !isWithin(box, all)).map(({ words }) => words)).toEqual([]);
  });

  test('has no line through a text', () => {
    const struck = texts.flatMap(({ words, box, line }) =>
      [...lines].flatMap(([other, points]) =>
        isThrough(points, other === line ? inset(box, 1) : box) ? [`${words} by ${other}`] : [],
      ),
    );
    expect(struck).toEqual([]);
  });

  test('has no line through a state', () => {
    const pierced = [...lines].flatMap(([line, points]) =>
      leaves.filter((frame) => isThrough(points, inset(frame, 2))).map((frame) => [line, frame]),
    );
    expect(pierced).toEqual([]);
  });

  test('has no text over another, nor over the edge of a state', () => {
    const over = texts.flatMap(({ words, box }, n) =>
      texts.slice(n + 1).flatMap((other) => (isOver(box, other.box) ? [`${words} and ${other.words}`] : [])),
    );
    expect(over).toEqual([]);
    const cut = texts.filter(({ box }) =>
      frames.some((frame) => isOver(box, frame) && !isWithin(box, frame)),
    );
    expect(cut.map(({ words }) => words)).toEqual([]);
  });
});

test('a line through a text would be seen', () => {
  const svg = `<svg width="100" height="100"><g class="edge">
<path d="M0 50C30 50 60 50 100 50"/><text class="label" x="20" y="54">across</text></g>
<g class="edge"><path d="M40 0C40 30 40 60 40 100"/></g></svg>`;
  const { texts, lines } = parts(svg);
  const [text] = texts;
  expect(text && [...lines.values()].filter((points) => isThrough(points, text.box))).toHaveLength(2);
});
