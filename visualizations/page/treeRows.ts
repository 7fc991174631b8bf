import { factText } from './words.js';
import type { Actor, World } from './world.js';

export interface TreeRow {
  readonly actor: Actor;
  readonly level: number;
  /** Undefined for one that has nothing below it. */
  readonly isOpen: boolean | undefined;
}

/** What a person calls it. */
export function titleOf({ chart, kind, name, about }: Actor): string {
  if (chart === 'profile') return String(about.profile ?? name);
  if (chart === 'session') return String(about.session ?? name);
  if (chart === 'tunnel') return `tunnel ${String(about.name ?? name)}`;
  return kind === 'leaf' && chart !== name ? name : chart;
}

/** The same where there is little room: what tells one session from another comes first. */
export function shortTitleOf(actor: Actor): string {
  const { session, command, display } = actor.about;
  if (actor.chart !== 'session' || typeof session !== 'string') return titleOf(actor);
  const what = typeof command === 'string' && command !== '' ? command : session;
  return typeof display === 'number' ? `${what} :${display}` : what;
}

/** The rows that can be seen: all that matches, and what is above it. */
export function treeRows(world: World, closed: ReadonlySet<string>, wanted: string): readonly TreeRow[] {
  const words = wanted.toLowerCase().split(/\s+/).filter(Boolean);
  const rows: TreeRow[] = [];
  const root = world.actors.get(world.root);
  if (root) put(root, 1);
  return rows;

  function put(actor: Actor, level: number): boolean {
    const place = rows.length;
    const isOpen = actor.children.length === 0 ? undefined : words.length > 0 || !closed.has(actor.id);
    rows.push({ actor, level, isOpen });
    let isWanted = words.length === 0 || matches(actor, words);
    if (isOpen) {
      for (const id of actor.children) {
        const child = world.actors.get(id);
        if (child && put(child, level + 1)) isWanted = true;
      }
    }
    if (!isWanted) rows.length = place;
    return isWanted;
  }
}

function matches(actor: Actor, words: readonly string[]): boolean {
  const { id, chart, tags, about } = actor;
  const text = [id, titleOf(actor), chart, ...tags, factText('', about.command), factText('', about.host)]
    .join(' ')
    .toLowerCase();
  return words.every((word) => text.includes(word));
}
