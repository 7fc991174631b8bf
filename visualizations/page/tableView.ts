import { aboutNow } from './ages.js';
import { at, make, makeSvg, setText } from './dom.js';
import type { Traffic } from './traffic.js';
import { titleOf } from './treeRows.js';
import { ageText, bytesText, factText, toneOf } from './words.js';
import { type Actor, tagOf, type World } from './world.js';

const columns = ['name', 'state', 'for', 'kind', 'command', 'ours', 'age', 'traffic', 'verbs'];
const verbs = ['suspend', 'resume', 'terminate'] as const;
export type Verb = (typeof verbs)[number];
/** More rows are no table that anybody reads. */
const mostRows = 400;

export interface TableParts {
  select(id: string): void;
  /** Absent: only looking is allowed. */
  readonly act?: (verb: Verb, session: Actor) => void;
  readonly traffic: Traffic;
}

/** Profiles, and below each its sessions. */
export class TableView {
  readonly #body = at('sessions-body', HTMLElement);
  readonly #count = at('lines', HTMLElement);
  readonly #parts: TableParts;
  readonly #rows = new Map<string, HTMLTableRowElement>();

  constructor(parts: TableParts) {
    this.#parts = parts;
    this.#body.addEventListener('click', ({ target }) => {
      if (!(target instanceof Element) || target.closest('button')) return;
      const id = target.closest('tr')?.dataset.actor;
      if (id) parts.select(id);
    });
  }

  show(world: World, selected: string, now: number, mayAct: boolean): void {
    const wanted = profilesAndSessions(world);
    const sessions = wanted.filter(({ chart }) => chart === 'session').length;
    setText(this.#count, `${count(wanted.length - sessions, 'profile')}, ${count(sessions, 'session')}`);
    const ids = new Set(wanted.map(({ id }) => id));
    for (const [id, row] of this.#rows) {
      if (ids.has(id)) continue;
      row.remove();
      this.#rows.delete(id);
    }
    wanted.slice(0, mostRows).forEach((actor, n) => {
      const row = this.#rows.get(actor.id) ?? this.#build(actor);
      if (this.#body.children[n] !== row) this.#body.insertBefore(row, this.#body.children[n] ?? null);
      this.#fill(row, actor, selected, now, mayAct);
    });
  }

  #build(actor: Actor): HTMLTableRowElement {
    const row = make('tr', actor.chart);
    row.dataset.actor = actor.id;
    row.append(...columns.map((name) => make('td', name)));
    const tag = make('span', 'tag');
    row.children[1]?.append(tag);
    this.#rows.set(actor.id, row);
    return row;
  }

  #fill(row: HTMLTableRowElement, actor: Actor, selected: string, now: number, mayAct: boolean): void {
    const { about } = actor;
    const isSession = actor.chart === 'session';
    const state = tagOf(actor.tags);
    const cells = [...row.children];
    const put = (n: number, text: string) => {
      const cell = cells[n];
      if (cell) setText(cell, text);
    };
    row.classList.toggle('selected', actor.id === selected);
    put(0, titleOf(actor));
    row.title = titleOf(actor);
    const tag = cells[1]?.firstElementChild;
    if (tag) {
      setText(tag, state);
      tag.className = `tag ${toneOf(state)}`;
    }
    put(2, ageText(now - Date.parse(actor.since)));
    put(3, isSession ? factText('', about.kind) : 'profile');
    put(4, isSession ? factText('', about.command) : `${about.user}@${about.host}:${about.port}`);
    put(5, isSession ? factText('', about.ours) : '');
    put(6, isSession ? factText('ageSeconds', aboutNow(actor, now).ageSeconds) : '');
    if (!isSession) return;
    this.#sparkline(cells[7], actor);
    this.#buttons(cells[8], actor, mayAct);
  }

  #sparkline(cell: Element | undefined, { id }: Actor): void {
    const seconds = this.#parts.traffic.of(id);
    const key = seconds.join(' ');
    if (!(cell instanceof HTMLElement) || cell.dataset.key === key) return;
    cell.dataset.key = key;
    const last = seconds.at(-1) ?? 0;
    const [width, height] = [60, 18];
    const highest = Math.max(1, ...seconds);
    const points = seconds.map((bytes, n) => {
      const x = (n / Math.max(1, seconds.length - 1)) * width;
      return `${x.toFixed(1)},${(height - 1 - (bytes / highest) * (height - 2)).toFixed(1)}`;
    });
    const picture = makeSvg('svg', { width, height, class: 'spark', role: 'img' });
    picture.append(
      makeSvg('title', {}, `at most ${bytesText(highest)}/s`),
      makeSvg('polyline', { points: points.join(' ') }),
    );
    cell.replaceChildren(picture, make('span', 'rate', last === 0 ? '' : `${bytesText(last)}/s`));
  }

  #buttons(cell: Element | undefined, actor: Actor, mayAct: boolean): void {
    const { act } = this.#parts;
    if (!(cell instanceof HTMLElement) || act === undefined) return;
    const key = `${mayAct} ${tagOf(actor.tags)}`;
    if (cell.dataset.key === key) return;
    cell.dataset.key = key;
    const state = tagOf(actor.tags);
    const possible = verbs.filter(
      (verb) =>
        (verb === 'suspend' && state === 'running') ||
        (verb === 'resume' && state === 'suspended') ||
        (verb === 'terminate' && (state === 'running' || state === 'suspended')),
    );
    const buttons = possible.map((verb) => {
      const button = make('button', verb, verb);
      button.type = 'button';
      button.disabled = !mayAct;
      button.addEventListener('click', () => act(verb, actor));
      return button;
    });
    cell.replaceChildren(...buttons);
  }
}

const count = (n: number, what: string) => `${n} ${what}${n === 1 ? '' : 's'}`;

function profilesAndSessions(world: World): readonly Actor[] {
  const found: Actor[] = [];
  const look = (id: string) => {
    const actor = world.actors.get(id);
    if (actor === undefined) return;
    if (actor.chart === 'profile' || actor.chart === 'session') found.push(actor);
    if (actor.chart !== 'session') for (const child of actor.children) look(child);
  };
  look(world.root);
  return found;
}
