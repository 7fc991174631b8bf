import { at, make, setText } from './dom.js';
import { shortTitleOf, type TreeRow, treeRows } from './treeRows.js';
import { VirtualList } from './virtualList.js';
import { toneOf } from './words.js';
import { tagOf, type World } from './world.js';

const indent = 14;

/** All actors at left: searchable, by mouse and by keyboard. */
export class TreeView {
  readonly #box = at('tree', HTMLElement);
  readonly #count = at('count', HTMLElement);
  readonly #search = at('search', HTMLInputElement);
  readonly #list: VirtualList<TreeRow>;
  readonly #closed = new Set<string>();
  readonly #select: (id: string) => void;
  #world: World | undefined;
  #rows: readonly TreeRow[] = [];
  #selected = '';

  constructor(select: (id: string) => void) {
    this.#select = select;
    this.#list = new VirtualList({
      box: this.#box,
      rowHeight: 26,
      build: buildRow,
      fill: (element, row) => this.#fill(element, row),
    });
    this.#search.addEventListener('input', () => this.#again());
    this.#search.addEventListener('keydown', ({ key }) => {
      if (key === 'ArrowDown') this.#box.focus();
    });
    this.#box.addEventListener('keydown', (event) => this.#key(event));
    this.#box.addEventListener('click', ({ target }) => {
      const element = target instanceof Element ? target.closest<HTMLElement>('.row') : null;
      const row = this.#rows[Number(element?.dataset.index)];
      if (row === undefined) return;
      if (target instanceof Element && target.matches('.twist')) this.#toggle(row);
      else this.#choose(row.actor.id);
    });
  }

  show(world: World, selected: string): void {
    this.#world = world;
    this.#selected = selected;
    this.#rows = treeRows(world, this.#closed, this.#search.value);
    this.#list.show(this.#rows);
    const found = this.#rows.length === world.actors.size ? '' : `${this.#rows.length} of `;
    setText(this.#count, `${found}${world.actors.size} actors`);
    const index = this.#rows.findIndex(({ actor }) => actor.id === selected);
    const element = this.#list.elementOf(index);
    if (element) this.#box.setAttribute('aria-activedescendant', element.id);
    else this.#box.removeAttribute('aria-activedescendant');
  }

  focusSearch(): void {
    this.#search.focus();
    this.#search.select();
  }

  #again(): void {
    if (this.#world) this.show(this.#world, this.#selected);
  }

  #choose(id: string): void {
    this.#select(id);
    const index = this.#rows.findIndex(({ actor }) => actor.id === id);
    if (index >= 0) this.#list.reveal(index);
  }

  #toggle({ actor, isOpen }: TreeRow): void {
    if (isOpen) this.#closed.add(actor.id);
    else this.#closed.delete(actor.id);
    this.#again();
  }

  #key(event: KeyboardEvent): void {
    const index = this.#rows.findIndex(({ actor }) => actor.id === this.#selected);
    const row = this.#rows[index];
    const page = Math.max(1, Math.floor(this.#box.clientHeight / 26) - 1);
    const last = this.#rows.length - 1;
    const goTo = (n: number) => {
      const wanted = this.#rows[Math.min(last, Math.max(0, n))];
      if (wanted) this.#choose(wanted.actor.id);
    };
    const keys: Readonly<Record<string, () => void>> = {
      ArrowDown: () => goTo(index + 1),
      ArrowUp: () => goTo(index - 1),
      PageDown: () => goTo(index + page),
      PageUp: () => goTo(index - page),
      Home: () => goTo(0),
      End: () => goTo(last),
      ArrowRight: () => {
        if (row?.isOpen === false) this.#toggle(row);
        else if (row?.isOpen) goTo(index + 1);
      },
      ArrowLeft: () => {
        if (row?.isOpen) this.#toggle(row);
        else if (row?.actor.parent) this.#choose(row.actor.parent);
      },
      '/': () => this.focusSearch(),
    };
    const act = keys[event.key];
    if (act === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    act();
  }

  #fill(element: HTMLElement, { actor, level, isOpen }: TreeRow): void {
    const [twist, title, chart, tag] = element.children as unknown as [Element, Element, Element, Element];
    element.style.paddingLeft = `${(level - 1) * indent + 4}px`;
    element.setAttribute('aria-level', String(level));
    element.setAttribute('aria-selected', String(actor.id === this.#selected));
    if (isOpen === undefined) element.removeAttribute('aria-expanded');
    else element.setAttribute('aria-expanded', String(isOpen));
    element.title = actor.id;
    element.classList.toggle('leaf', actor.kind === 'leaf');
    setText(twist, isOpen === undefined ? '' : isOpen ? '▾' : '▸');
    const name = shortTitleOf(actor);
    setText(title, name);
    setText(chart, name === actor.chart || name.startsWith(actor.chart) ? '' : actor.chart);
    const state = actor.status === 'active' ? tagOf(actor.tags) : actor.status;
    setText(tag, state);
    const look = `tag ${toneOf(state)}`;
    if (tag.className !== look) tag.className = look;
  }
}

let rowCount = 0;

function buildRow(): HTMLElement {
  const row = make('div', 'row');
  row.setAttribute('role', 'treeitem');
  row.id = `actor-${rowCount++}`;
  const twist = make('span', 'twist');
  twist.setAttribute('aria-hidden', 'true');
  row.append(twist, make('span', 'title'), make('span', 'chart'), make('span', 'tag'));
  return row;
}
