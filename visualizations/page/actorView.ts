import type { FeedLine } from '../../src/inspection/feed.js';
import type { HistoryEntry } from '../../src/inspection/history.js';
import { aboutNow } from './ages.js';
import { Diagram } from './diagram.js';
import { at, make, setText } from './dom.js';
import { type Step, stepsOf } from './steps.js';
import { titleOf } from './treeRows.js';
import { ageText, clockText, factText, toneOf, valueText } from './words.js';
import { type Actor, tagOf, type World } from './world.js';

const mostSteps = 40;

/** The selected actor: its chart with the active states lit, its facts, its tunnels and its history. */
export class ActorView {
  readonly #title = at('actor-title', HTMLElement);
  readonly #tag = at('actor-tag', HTMLElement);
  readonly #place = at('actor-place', HTMLElement);
  readonly #facts = at('facts', HTMLElement);
  readonly #tunnels = at('tunnels', HTMLElement);
  readonly #steps = at('steps', HTMLElement);
  readonly #empty = at('no-diagram', HTMLElement);
  readonly #diagram = new Diagram(at('diagram', HTMLElement));
  #shown = '';

  show(
    world: World,
    id: string,
    lines: readonly FeedLine[],
    now: number,
    earlier: readonly HistoryEntry[],
  ): void {
    const actor = world.actors.get(id);
    this.#showSteps(stepsOf(id, lines, earlier, { now, most: mostSteps }));
    if (actor === undefined) {
      this.#nothing(id);
      return;
    }
    const state = actor.status === 'active' ? tagOf(actor.tags) : actor.status;
    setText(this.#title, titleOf(actor));
    setText(this.#tag, state);
    this.#tag.className = `tag ${toneOf(state)}`;
    setText(this.#place, actor.id);
    this.#empty.hidden = actor.kind === 'chart';
    setText(this.#empty, `A leaf: one ${actor.chart} at work, without a chart of its own.`);
    this.#diagram.show(actor.kind === 'chart' ? actor.chart : '', actor.value, actor.edges);
    table(this.#facts, factsOf(actor, now));
    this.#showTunnels(world, actor);
  }

  #nothing(id: string): void {
    setText(this.#title, id === '' ? 'Nothing is selected' : 'This actor is gone');
    setText(this.#place, id);
    this.#tag.className = 'tag quiet';
    setText(this.#tag, '');
    this.#empty.hidden = false;
    setText(this.#empty, 'Select an actor in the tree at left.');
    this.#diagram.show('', null, []);
    for (const box of [this.#facts, this.#tunnels]) box.replaceChildren();
    this.#tunnels.hidden = true;
  }

  #showTunnels(world: World, actor: Actor): void {
    const tunnels = below(world, actor).filter(({ chart }) => chart === 'tunnel');
    this.#tunnels.hidden = tunnels.length === 0 || actor.chart === 'guardian' || actor.chart === 'profile';
    if (this.#tunnels.hidden) return;
    const rows = tunnels.map(({ about, tags }): Pair => {
      const traffic = `${factText('sent', about.sent)} sent, ${factText('received', about.received)} received`;
      return [`tunnel ${about.name}`, `${tagOf(tags)}, ${traffic}, ${factText('', about.channels)} channels`];
    });
    table(this.#tunnels, rows);
  }

  #showSteps(steps: readonly Step[]): void {
    const shown = JSON.stringify(steps);
    if (shown === this.#shown) return;
    this.#shown = shown;
    const rows = steps.map(({ time, words }) => {
      const row = make('li');
      row.append(make('time', '', clockText(time)), make('span', '', words));
      return row;
    });
    if (rows.length === 0) rows.push(make('li', 'muted', 'Nothing is remembered of it.'));
    this.#steps.replaceChildren(...rows);
  }
}

function below(world: World, actor: Actor): readonly Actor[] {
  return actor.children.flatMap((id) => {
    const child = world.actors.get(id);
    return child ? [child, ...below(world, child)] : [];
  });
}

type Pair = readonly [string, string];

function factsOf(actor: Actor, now: number): readonly Pair[] {
  const { value, since, lastEvent, lastError, chart, status } = actor;
  // Its state in one word stands beside its title; by whom it became so, in the timeline.
  const { state: _state, by: _by, ...about } = aboutNow(actor, now);
  const flat = Object.entries(about).flatMap(([key, fact]): Pair[] =>
    key === 'caches' && typeof fact === 'object' && fact !== null
      ? Object.entries(fact).map(([name, cache]) => [`cache ${name}`, factText(name, cache)])
      : [[key, factText(key, fact)]],
  );
  return [
    ['chart', chart],
    ['state', value === null ? status : valueText(value)],
    ['since', `${clockText(since)}, ${ageText(now - Date.parse(since))}`],
    ['last event', lastEvent === null ? '–' : `${lastEvent.type}  ${clockText(lastEvent.at)}`],
    ['last error', lastError === null ? '–' : `${lastError.code}: ${lastError.message}`],
    ...flat,
  ];
}

/** Keeps the rows that are there: somebody may be selecting text in them. */
function table(box: HTMLElement, pairs: readonly Pair[]): void {
  while (box.children.length > pairs.length) box.lastElementChild?.remove();
  pairs.forEach(([key, value], n) => {
    let row = box.children[n];
    if (row === undefined) {
      row = make('div', 'pair');
      row.append(make('dt'), make('dd'));
      box.append(row);
    }
    const [name, text] = row.children as unknown as [Element, Element];
    setText(name, key);
    setText(text, value);
    text.classList.toggle('muted', value === '–');
  });
}
