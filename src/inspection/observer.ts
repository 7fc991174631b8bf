import type { AnyActorRef, AnyEventObject, AnyMachineSnapshot, InspectionEvent } from 'xstate';
import { toFailure } from '../errors.js';
import { aboutOf, failureOf, isSameAbout } from './about.js';
import { edgesOf, type Taken } from './edges.js';
import type { StateLine } from './feed.js';
import { isStep, pathOf, remember, tagOf } from './history.js';
import type { Outlet } from './outlet.js';
import { plain } from './plain.js';
import { Seen, tagsOf, timeOf } from './seen.js';
import type { ActorStatus, LastError } from './tree.js';

export interface ObserverParts {
  /** The guardian's clock. */
  readonly now: () => number;
  readonly outlet: Outlet;
  /** An actor is in the tree no more. */
  readonly gone: (seen: Seen) => void;
}

/**
 * Keeps the tree of all actors from XState's inspection. While nobody listens an event costs a few assignments: what an
 * actor is like is read from the actor itself when somebody asks.
 */
export class Observer {
  readonly #parts: ObserverParts;
  readonly #all = new WeakMap<AnyActorRef, Seen>();
  root: Seen | undefined;
  #order = 0;

  constructor(parts: ObserverParts) {
    this.#parts = parts;
  }

  take(inspected: InspectionEvent): void {
    const ref = inspected.actorRef as AnyActorRef;
    if (inspected.type === '@xstate.event')
      this.#heard(ref, inspected.sourceRef as AnyActorRef | undefined, inspected.event);
    else if (inspected.type === '@xstate.snapshot') this.#changed(ref, inspected.event);
    else if (inspected.type === '@xstate.microstep')
      this.#stepped(ref, inspected.event, inspected._transitions as readonly Taken[]);
  }

  #heard(ref: AnyActorRef, source: AnyActorRef | undefined, event: AnyEventObject): void {
    const at = Date.now();
    const from = source && this.#all.get(source);
    // An actor counts from its start: some are made and never started.
    if (event.type === 'xstate.init') {
      this.#appeared(ref, from, event, at);
      return;
    }
    if (from && from.status === 'active' && from !== this.#all.get(ref)) this.#endedBy(from, event, at);
    const seen = this.#all.get(ref);
    if (seen?.status !== 'active') return;
    seen.eventType = event.type;
    seen.eventAt = at;
    seen.eventFrom = from;
    if (!this.#parts.outlet.isOpen) return;
    if (seen.kind === 'chart') seen.pending.push({ event, from, at });
    else this.#tellEvent(seen, event, from, at);
  }

  #appeared(ref: AnyActorRef, parent: Seen | undefined, event: AnyEventObject, at: number): void {
    const seen = new Seen(ref, parent, at);
    this.#order += 1;
    seen.order = this.#order;
    this.#all.set(ref, seen);
    if (parent === undefined) this.root = seen;
    const { outlet } = this.#parts;
    if (!outlet.isOpen) return;
    const { id, name, chart, kind } = seen;
    outlet.send(at, { t: 'actor', id, parent: parent?.id ?? null, name, chart, kind }, () =>
      kind === 'chart' ? { input: plain(event.input) } : {},
    );
  }

  /** Each chart takes up its events in their order; those that it does not live to take up are not told. */
  #stepped(ref: AnyActorRef, event: AnyEventObject, taken: readonly Taken[]): void {
    const seen = this.#all.get(ref);
    if (seen?.status !== 'active') return;
    if (seen.taken !== event) {
      seen.taken = event;
      this.#order += 1;
      seen.order = this.#order;
    }
    if (!this.#parts.outlet.isOpen) return;
    // What a chart raises for itself is not among them.
    const place = seen.pending.findIndex((one) => one.event === event);
    const next = seen.pending.splice(0, place + 1).at(-1);
    if (next) this.#tellEvent(seen, event, next.from, next.at);
    if (taken.length > 0) seen.edges.push(...edgesOf(taken));
  }

  #tellEvent(to: Seen, event: AnyEventObject, from: Seen | undefined, at: number): void {
    this.#parts.outlet.send(at, { t: 'event', to: to.id, from: from?.id ?? null, type: event.type }, () =>
      to.kind === 'chart' ? { event: plain(event) } : {},
    );
  }

  /** An actor tells its parent of its end before XState shows its last snapshot; a crash is shown nowhere else. */
  #endedBy(from: Seen, event: AnyEventObject, at: number): void {
    if (event.type.startsWith('xstate.done.actor.')) this.#end(from, 'done', at);
    else if (event.type.startsWith('xstate.error.actor.')) this.#end(from, 'error', at, event.error);
  }

  #changed(ref: AnyActorRef, event: AnyEventObject): void {
    const seen = this.#all.get(ref);
    if (seen?.status !== 'active') return;
    const { status } = ref.getSnapshot() as { status: ActorStatus };
    if (event.type === 'xstate.stop') this.#end(seen, 'stopped', Date.now());
    else if (seen.kind === 'chart') this.#look(seen, event.type);
    // A child tells of its end itself; the guardian has nobody to tell it to.
    if (seen.parent === undefined && status === 'done') this.#end(seen, status, Date.now());
  }

  /** What is new of a chart since the last look. */
  #look(seen: Seen, eventType: string, now = Date.now()): void {
    const snapshot = seen.ref.getSnapshot() as AnyMachineSnapshot;
    const isMoved = snapshot._nodes !== seen.nodes;
    const failure = failureOf(snapshot.context);
    if (!isMoved && failure === seen.failure && !this.#parts.outlet.isOpen) return;
    const isFailed = failure !== undefined && failure !== seen.failure;
    seen.failure = failure;
    const error = isFailed ? { code: failure.code, message: failure.message, at: timeOf(now) } : undefined;
    if (error) seen.error = error;
    if (isMoved || error) this.#note(seen, snapshot, eventType, now, error);
    if (this.#parts.outlet.isOpen) this.#tellState(seen, snapshot, isMoved, now, error);
  }

  #note(
    seen: Seen,
    snapshot: AnyMachineSnapshot,
    event: string,
    at: number,
    error: LastError | undefined,
  ): void {
    const to = tagOf(tagsOf(snapshot));
    const from = seen.nodes === undefined ? null : (seen.tag ?? '');
    seen.nodes = snapshot._nodes;
    const isTagChanged = from !== to;
    if (isTagChanged) seen.since = at;
    seen.tag = to;
    if (!isStep(seen.chart, isTagChanged, error)) return;
    const failure = error ? { failure: { code: error.code, message: error.message } } : {};
    remember(seen.steps, {
      at,
      order: seen.order,
      event,
      from,
      to,
      value: pathOf(snapshot.value),
      ...failure,
    });
  }

  #tellState(
    seen: Seen,
    snapshot: AnyMachineSnapshot,
    isMoved: boolean,
    at: number,
    error: LastError | undefined,
  ): void {
    const { edges } = seen;
    if (edges.length > 0) seen.edges = [];
    let isNew = false;
    if (seen.context !== snapshot.context) {
      seen.context = snapshot.context;
      // Ages count from the same moment in both.
      const about = aboutOf(seen.chart, snapshot.context, 0);
      isNew = seen.told === undefined || !isSameAbout(seen.told, about);
      if (isNew) seen.told = about;
    }
    if (!isMoved && !isNew && error === undefined) return;
    const line: Omit<StateLine, 'seq' | 'time'> = {
      t: 'state',
      id: seen.id,
      tags: tagsOf(snapshot),
      value: snapshot.value,
      status: snapshot.status,
      ...(isMoved && edges.length > 0 ? { edge: edges } : {}),
      ...(isNew ? { about: aboutOf(seen.chart, snapshot.context, this.#parts.now()) } : {}),
      ...(error ? { error } : {}),
    };
    this.#parts.outlet.send(at, line);
  }

  #end(seen: Seen, status: Exclude<ActorStatus, 'active'>, at: number, cause?: unknown): void {
    for (const child of [...seen.children]) this.#end(child, 'stopped', at);
    if (seen.kind === 'chart' && status === 'done') this.#look(seen, seen.eventType, at);
    seen.status = status;
    seen.pending.length = 0;
    const { parent } = seen;
    let error: LastError | undefined;
    if (status === 'error') {
      const { code, message } = toFailure(cause);
      error = { code, message, at: timeOf(at) };
      seen.error = error;
      if (parent) parent.error = error;
    }
    parent?.children.delete(seen);
    const failure = error ? { failure: { code: error.code, message: error.message } } : {};
    const value = seen.steps.at(-1)?.value ?? '';
    remember(seen.steps, {
      at,
      order: seen.order,
      event: seen.eventType,
      from: seen.tag ?? null,
      to: status,
      value,
      ...failure,
    });
    if (this.#parts.outlet.isOpen)
      this.#parts.outlet.send(at, { t: 'gone', id: seen.id, status, ...(error ? { error } : {}) });
    this.#parts.gone(seen);
  }
}
