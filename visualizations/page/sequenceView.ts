import type { EventLine, FeedLine } from '../../src/inspection/feed.js';
import { at, makeSvg, setText } from './dom.js';
import { isPlumbing } from './plumbing.js';
import { shortTitleOf } from './treeRows.js';
import { clockText } from './words.js';
import type { World } from './world.js';

const most = 60;
const [top, step, left, gap] = [12, 30, 96, 148];
const headHeight = 58;

/** Who sent what to whom, the latest last: a line downwards for each actor, an arrow for each event. */
export class SequenceView {
  readonly #box = at('sequence', HTMLElement);
  readonly #plumbing = at('plumbing', HTMLInputElement);
  readonly #own = at('own', HTMLInputElement);
  readonly #count = at('lines', HTMLElement);
  #shown = '';

  constructor(changed: () => void) {
    this.#own.addEventListener('change', changed);
  }

  show(lines: readonly FeedLine[], world: World, selected: string): void {
    const messages = this.#messages(lines, world, selected);
    const names = new Map<string, number>();
    for (const { from, to } of messages)
      for (const id of [from ?? outside, to]) if (!names.has(id)) names.set(id, 0);
    // Parents stand left of their children.
    const order = [...names.keys()].sort(
      (a, b) => Number(b === outside) - Number(a === outside) || a.localeCompare(b),
    );
    order.forEach((id, n) => {
      names.set(id, n);
    });
    const key = `${messages[0]?.seq} ${messages.at(-1)?.seq} ${messages.length} ${this.#plumbing.checked} ${selected}`;
    setText(this.#count, `the last ${messages.length} messages among ${order.length} actors`);
    if (key === this.#shown) return;
    this.#shown = key;
    const [width, height] = [left + order.length * gap, top + messages.length * step + 24];
    const picture = makeSvg('svg', { width, height, viewBox: `0 0 ${width} ${height}`, role: 'img' });
    picture.append(makeSvg('title', {}, 'Messages between actors'));
    const xOf = (id: string) => left + gap / 2 + (names.get(id) ?? 0) * gap;
    const head = makeSvg('svg', { width, height: headHeight, class: 'names', role: 'presentation' });
    for (const id of order) {
      head.append(nameOf(id, xOf(id), world));
      picture.append(lifeline(xOf(id), height));
    }
    messages.forEach((message, n) => {
      picture.append(arrow(message, xOf(message.from ?? outside), xOf(message.to), top + (n + 0.8) * step));
    });
    const wasAtEnd = this.#box.scrollTop + this.#box.clientHeight >= this.#box.scrollHeight - step * 2;
    this.#box.replaceChildren(head, picture);
    if (wasAtEnd) this.#box.scrollTop = this.#box.scrollHeight;
  }

  #messages(lines: readonly FeedLine[], world: World, selected: string): readonly EventLine[] {
    const found: EventLine[] = [];
    const isLeaf = (id: string | null) => world.actors.get(id ?? '')?.kind === 'leaf';
    for (let n = lines.length - 1; n >= 0 && found.length < most; n--) {
      const line = lines[n];
      if (line?.t !== 'event' || (!this.#plumbing.checked && isPlumbing(line))) continue;
      if (!this.#plumbing.checked && (isLeaf(line.from) || isLeaf(line.to))) continue;
      if (this.#own.checked && line.to !== selected && line.from !== selected) continue;
      found.push(line);
    }
    return found.reverse();
  }
}

/** Where events come from that no actor sent. */
const outside = '';

const short = (text: string, most: number) =>
  text.length <= most ? text : `${text.slice(0, most / 2 - 1)}…${text.slice(1 - most / 2)}`;

const lifeline = (x: number, height: number): SVGElement =>
  makeSvg('line', { class: 'lifeline', x1: x, y1: 0, x2: x, y2: height - 8 });

function nameOf(id: string, x: number, world: World): SVGElement {
  const group = makeSvg('g', { class: 'actor' });
  const actor = world.actors.get(id);
  const name = id === outside ? 'outside' : (id.split('/').at(-1) ?? id);
  group.append(
    makeSvg('title', {}, id === outside ? 'Sent from outside, or by the actor itself' : id),
    makeSvg('rect', { x: x - gap / 2 + 6, y: 10, width: gap - 12, height: 40, rx: 6 }),
    makeSvg('text', { x, y: 27, class: 'name' }, short(actor ? shortTitleOf(actor) : name, 20)),
    makeSvg('text', { x, y: 43, class: 'kind' }, actor?.chart ?? (id === outside ? '' : 'gone')),
  );
  return group;
}

function arrow({ type, time, from, to }: EventLine, x1: number, x2: number, y: number): SVGElement {
  const group = makeSvg('g', { class: 'message' });
  const isOwn = from === to;
  const way = x2 > x1 ? -1 : 1;
  const path = isOwn ? `M${x1} ${y - 6}h22v10h-16` : `M${x1} ${y}H${x2 + way * 7}`;
  const tip = isOwn
    ? `${x1 + 1},${y + 4} ${x1 + 9},${y} ${x1 + 9},${y + 8}`
    : `${x2},${y} ${x2 + way * 8},${y - 4} ${x2 + way * 8},${y + 4}`;
  const middle = isOwn ? x1 + 28 : (x1 + x2) / 2;
  group.append(
    makeSvg('title', {}, `${type}\n${from ?? 'outside'} → ${to}`),
    makeSvg('text', { x: 8, y: y + 4, class: 'when' }, clockText(time)),
    makeSvg('path', { d: path }),
    makeSvg('polygon', { points: tip }),
    makeSvg('text', { x: middle, y: y - 6, class: isOwn ? 'own words' : 'words' }, type),
  );
  return group;
}
