import type { AnyEventObject, AnyMachineSnapshot } from 'xstate';
import { aboutOf } from './about.js';
import { isSameAbout, isSameSource } from './aboutNews.js';
import type { Change } from './changes.js';
import { edgesOf, type Taken } from './edges.js';
import type { EventLine, StateLine } from './feed.js';
import type { Outlet } from './outlet.js';
import { plain } from './plain.js';
import { none, type Seen, tagsOf } from './seen.js';
import type { About, ActorStatus, LastError } from './tree.js';

type Changing<T> = { -readonly [Key in keyof T]: T[Key] };

/** Puts what happens to actors into the lines of the feed. Called only while somebody listens. */
export class Teller {
  readonly #outlet: Outlet;
  /** The guardian's clock. */
  readonly #now: () => number;

  constructor(outlet: Outlet, now: () => number) {
    this.#outlet = outlet;
    this.#now = now;
  }

  get isHeard(): boolean {
    return this.#outlet.isOpen;
  }

  appeared({ id, parent: above, name, chart, kind }: Seen, event: AnyEventObject, at: number): void {
    const parent = above?.id ?? null;
    const line = { t: 'actor', ...this.#head(at), id, parent, name, chart, kind } as const;
    const isTold = kind === 'chart' && this.#outlet.isWhole;
    this.#outlet.send(line, isTold ? { ...line, input: plain(event.input) } : line);
  }

  /** A chart takes up its events later, each in its turn. */
  sent(to: Seen, event: AnyEventObject, from: Seen | undefined, at: number): void {
    if (to.kind !== 'chart') this.#event(to, event, from, at);
    else if (to.awaited === undefined) to.awaited = { event, from, at };
    else to.pending.push({ event, from, at });
  }

  /** Those that a chart does not live to take up are not told. `isNew`: not the next step after the same event. */
  taken(seen: Seen, event: AnyEventObject, isNew: boolean, transitions: readonly Taken[]): void {
    // What a chart raises for itself is not among them, and those before it were sent while nobody listened.
    const next = isNew || seen.awaited?.event === event ? seen.takeUp(event) : undefined;
    if (next) this.#event(seen, event, next.from, next.at);
    if (transitions.length > 0)
      seen.transitions = seen.transitions.length === 0 ? transitions : [...seen.transitions, ...transitions];
  }

  #event(to: Seen, event: AnyEventObject, from: Seen | undefined, at: number): void {
    const outlet = this.#outlet;
    const line: EventLine = {
      t: 'event',
      seq: outlet.next(),
      time: outlet.timeOf(at),
      to: to.id,
      from: from === undefined ? null : from.id,
      type: event.type,
    };
    if (outlet.isWhole && to.kind === 'chart')
      outlet.send(line, { ...line, event: plain(event) as Record<string, unknown> });
    else outlet.send(line);
  }

  changed(seen: Seen, snapshot: AnyMachineSnapshot, { isMoved, error }: Change, at: number): void {
    const taken = seen.transitions;
    seen.transitions = none;
    const about = this.#news(seen, snapshot.context);
    if (!isMoved && !about && error === undefined) return;
    const outlet = this.#outlet;
    seen.tags ??= tagsOf(snapshot);
    // Written out: this is what a feed costs.
    const line: Changing<StateLine> = {
      t: 'state',
      seq: outlet.next(),
      time: outlet.timeOf(at),
      id: seen.id,
      tags: seen.tags,
      value: snapshot.value,
      status: snapshot.status,
    };
    if (isMoved && taken.length > 0) {
      const edge = edgesOf(taken);
      if (edge.length > 0) line.edge = edge;
    }
    if (about) line.about = about;
    if (error) line.error = error;
    this.#outlet.send(line);
  }

  gone({ id }: Seen, status: Exclude<ActorStatus, 'active'>, at: number, error: LastError | undefined): void {
    this.#outlet.send({ t: 'gone', ...this.#head(at), id, status, ...(error ? { error } : {}) });
  }

  /** An actor's facts, when they are not those that were told last. */
  #news(seen: Seen, context: unknown): About | undefined {
    const before = seen.context;
    if (before === context) return undefined;
    seen.context = context;
    if (before !== undefined && isSameSource(seen.chart, before, context)) return undefined;
    // Ages count from the same moment in both.
    const about = aboutOf(seen.chart, context, 0);
    if (seen.told !== undefined && isSameAbout(seen.told, about)) return undefined;
    seen.told = about;
    return seen.chart === 'profile' ? aboutOf(seen.chart, context, this.#now()) : about;
  }

  #head(at: number): { readonly seq: number; readonly time: string } {
    return { seq: this.#outlet.next(), time: this.#outlet.timeOf(at) };
  }
}
