import type { FeedLine } from '../../src/inspection/feed.js';
import { at, make, setText } from './dom.js';
import { isPlumbing } from './plumbing.js';
import { VirtualList } from './virtualList.js';
import { clockText, valueText } from './words.js';

/** One line of the feed in words: what, whose, and what about it. */
export function lineWords(line: FeedLine): readonly [string, string, string] {
  switch (line.t) {
    case 'tree':
      return ['tree', '', 'everything, as it is'];
    case 'actor':
      return ['appeared', line.id, line.chart];
    case 'gone':
      return ['gone', line.id, line.error ? `${line.status}: ${line.error.message}` : line.status];
    case 'event':
      return ['event', line.to, `${line.type}${line.from ? `  from ${line.from}` : ''}`];
    case 'state': {
      const event = line.edge?.map((edge) => edge.event).find((name) => name !== '');
      return ['state', line.id, `${valueText(line.value)}${event ? `  ←  ${event}` : ''}`];
    }
    case 'fact': {
      const { event, time: _time, v: _v, profile, session, ...rest } = line.fact;
      return ['fact', String(session ?? profile ?? ''), `${event}  ${JSON.stringify(rest)}`];
    }
  }
}

/** Every line as it comes, or those that hold the words of the filter. */
export class TimelineView {
  readonly #filter = at('filter', HTMLInputElement);
  readonly #pause = at('pause', HTMLButtonElement);
  readonly #plumbing = at('plumbing', HTMLInputElement);
  readonly #count = at('lines', HTMLElement);
  readonly #list: VirtualList<FeedLine>;
  readonly #select: (id: string) => void;
  #lines: readonly FeedLine[] = [];
  #held: readonly FeedLine[] | undefined;
  /** What was shown: filtering goes on where it stopped. */
  #found: FeedLine[] = [];
  #lastSeq = -1;
  #asked = '';

  constructor(select: (id: string) => void, changed: () => void) {
    this.#select = select;
    this.#list = new VirtualList({
      box: at('timeline', HTMLElement),
      rowHeight: 24,
      build: () => {
        const row = make('div', 'row line');
        row.append(make('time'), make('span', 'what'), make('span', 'whose'), make('span', 'words'));
        row.addEventListener('click', () => this.#select(row.dataset.actor ?? ''));
        return row;
      },
      fill,
    });
    this.#filter.addEventListener('input', changed);
    this.#plumbing.addEventListener('change', changed);
    this.#pause.addEventListener('click', () => {
      this.#held = this.#held === undefined ? this.#lines.slice() : undefined;
      this.#pause.setAttribute('aria-pressed', String(this.#held !== undefined));
      setText(this.#pause, this.#held === undefined ? 'Pause' : 'Go on');
      changed();
    });
  }

  /** `lines`: those up to the moment that is shown. */
  show(lines: readonly FeedLine[]): void {
    this.#lines = lines;
    const shown = this.#held ?? lines;
    const words = this.#filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    const isWhole = this.#plumbing.checked;
    const asked = `${isWhole} ${words.join(' ')}`;
    const last = shown.at(-1)?.seq ?? -1;
    if (asked !== this.#asked || last < this.#lastSeq) this.#found = [];
    const from = this.#found.length === 0 && asked !== this.#asked ? -1 : this.#lastSeq;
    this.#asked = asked;
    const start = last < this.#lastSeq || from === -1 ? 0 : shown.findLastIndex(({ seq }) => seq <= from) + 1;
    for (let n = start; n < shown.length; n++) {
      const line = shown[n];
      if (line && (isWhole || !isPlumbing(line)) && matches(line, words)) this.#found.push(line);
    }
    this.#lastSeq = last;
    if (this.#found.length > 50_000) this.#found = this.#found.slice(-40_000);
    setText(this.#count, `${this.#found.length} of ${shown.length} lines`);
    this.#list.follow(this.#found);
  }
}

function matches(line: FeedLine, words: readonly string[]): boolean {
  if (words.length === 0) return true;
  const text = lineWords(line).join(' ').toLowerCase();
  return words.every((word) => text.includes(word));
}

function fill(row: HTMLElement, line: FeedLine): void {
  if (row.dataset.seq === `${line.seq}${line.t}`) return;
  row.dataset.seq = `${line.seq}${line.t}`;
  const [what, whose, words] = lineWords(line);
  row.dataset.actor = line.t === 'fact' ? '' : whose;
  const [time, kind, actor, text] = row.children as unknown as [Element, Element, Element, Element];
  setText(time, clockText(line.time));
  setText(kind, what);
  kind.className = `what ${line.t}`;
  setText(actor, whose.replace(/^guardian\//, ''));
  setText(text, words);
  row.title = `${whose}\n${words}`;
}
