import { make, onceAFrame } from './dom.js';

export interface ListParts<Row> {
  readonly box: HTMLElement;
  /** In px; every row has it. */
  readonly rowHeight: number;
  /** An empty row. */
  build(): HTMLElement;
  /** Puts what there is to say into a row that may have said something else before. */
  fill(element: HTMLElement, row: Row, index: number): void;
}

/** A list of which only what can be seen is in the page: as fast with ten thousand rows as with ten. */
export class VirtualList<Row> {
  readonly #parts: ListParts<Row>;
  readonly #inside = make('div', 'rows');
  readonly #pool: HTMLElement[] = [];
  #rows: readonly Row[] = [];
  readonly draw: () => void;
  /** Whether somebody looks at the end: only scrolling changes it, not a box that became smaller. */
  #follows = true;

  constructor(parts: ListParts<Row>) {
    this.#parts = parts;
    this.draw = onceAFrame(() => this.#draw());
    parts.box.append(this.#inside);
    const scrolled = () => {
      this.#follows = this.#isAtEnd;
      this.draw();
    };
    parts.box.addEventListener('scroll', scrolled, { passive: true });
    new ResizeObserver(this.draw).observe(parts.box);
  }

  show(rows: readonly Row[]): void {
    this.#rows = rows;
    this.#draw();
  }

  get #isAtEnd(): boolean {
    const { scrollTop, clientHeight, scrollHeight } = this.#parts.box;
    return scrollTop + clientHeight >= scrollHeight - this.#parts.rowHeight;
  }

  /** As show(), and whoever looks at the end goes on looking at the end. */
  follow(rows: readonly Row[]): void {
    this.#rows = rows;
    this.#resize();
    if (this.#follows) this.#parts.box.scrollTop = this.#parts.box.scrollHeight;
    this.#draw();
  }

  reveal(index: number): void {
    const { box, rowHeight } = this.#parts;
    const top = index * rowHeight;
    if (top < box.scrollTop) box.scrollTop = top;
    else if (top + rowHeight > box.scrollTop + box.clientHeight)
      box.scrollTop = top + rowHeight - box.clientHeight;
    this.#draw();
  }

  /** The element that shows a row now. */
  elementOf(index: number): HTMLElement | undefined {
    return this.#pool.find(({ dataset, hidden }) => !hidden && dataset.index === String(index));
  }

  #resize(): void {
    const height = `${this.#rows.length * this.#parts.rowHeight}px`;
    if (this.#inside.style.height !== height) this.#inside.style.height = height;
  }

  #draw(): void {
    const { box, rowHeight, build, fill } = this.#parts;
    this.#resize();
    const first = Math.max(0, Math.floor(box.scrollTop / rowHeight) - 3);
    const count = Math.ceil(box.clientHeight / rowHeight) + 6;
    while (this.#pool.length < count) {
      const element = build();
      element.hidden = true;
      this.#pool.push(element);
      this.#inside.append(element);
    }
    for (let n = 0; n < this.#pool.length; n++) {
      const index = first + n;
      // A row keeps its element while it scrolls.
      const element = this.#pool[index % this.#pool.length];
      const row = this.#rows[index];
      if (element === undefined) continue;
      const isHidden = row === undefined || n >= count;
      if (element.hidden !== isHidden) element.hidden = isHidden;
      if (row === undefined) continue;
      const place = `translateY(${index * rowHeight}px)`;
      if (element.style.transform !== place) element.style.transform = place;
      element.dataset.index = String(index);
      fill(element, row, index);
    }
  }
}
