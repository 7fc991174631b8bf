import type { AnyActorRef, AnyEventObject, AnyMachineSnapshot, InspectionEvent } from 'xstate';
import { toFailure } from '../errors.js';
import { look, noteEnd } from './changes.js';
import type { Taken } from './edges.js';
import { Seen, timeOf } from './seen.js';
import type { Teller } from './teller.js';
import type { ActorStatus, LastError } from './tree.js';

/**
 * Keeps the tree of all actors from XState's inspection. While nobody listens an event costs a few assignments: what an
 * actor is like is read from the actor itself when somebody asks.
 */
export class Observer {
  readonly #teller: Teller;
  /** An actor is in the tree no more. */
  readonly #gone: (seen: Seen) => void;
  /** Those that live. */
  readonly #all = new Map<AnyActorRef, Seen>();
  root: Seen | undefined;
  #order = 0;

  constructor(teller: Teller, gone: (seen: Seen) => void) {
    this.#teller = teller;
    this.#gone = gone;
  }

  take(inspected: InspectionEvent): void {
    const ref = inspected.actorRef as AnyActorRef;
    switch (inspected.type) {
      case '@xstate.event':
        this.#heard(ref, inspected.sourceRef as AnyActorRef | undefined, inspected.event);
        break;
      case '@xstate.microstep':
        this.#stepped(ref, inspected.event, inspected._transitions as readonly Taken[]);
        break;
      case '@xstate.snapshot':
        this.#changed(ref, inspected.event);
        break;
    }
  }

  #heard(ref: AnyActorRef, source: AnyActorRef | undefined, event: AnyEventObject): void {
    const at = Date.now();
    const from = source && this.#all.get(source);
    // An actor counts from its start: some are made and never started.
    if (event.type === 'xstate.init') {
      this.#appeared(ref, from, event, at);
      return;
    }
    const seen = this.#all.get(ref);
    if (from !== undefined && from !== seen) this.#endedBy(from, event, at);
    if (seen === undefined) return;
    seen.eventType = event.type;
    seen.eventAt = at;
    seen.eventFrom = from;
    if (this.#teller.isHeard) this.#teller.sent(seen, event, from, at);
  }

  #appeared(ref: AnyActorRef, parent: Seen | undefined, event: AnyEventObject, at: number): void {
    const seen = new Seen(ref, parent, at);
    seen.order = ++this.#order;
    this.#all.set(ref, seen);
    if (parent === undefined) this.root = seen;
    if (this.#teller.isHeard) this.#teller.appeared(seen, event, at);
  }

  /** Each chart takes up its events in their order. */
  #stepped(ref: AnyActorRef, event: AnyEventObject, transitions: readonly Taken[]): void {
    const seen = this.#all.get(ref);
    if (seen === undefined) return;
    const isNew = seen.taken !== event;
    if (isNew) {
      seen.taken = event;
      seen.order = ++this.#order;
    }
    if (this.#teller.isHeard) this.#teller.taken(seen, event, isNew, transitions);
  }

  /** An actor tells its parent of its end before XState shows its last snapshot; a crash is shown nowhere else. */
  #endedBy(from: Seen, event: AnyEventObject, at: number): void {
    if (event.type.startsWith('xstate.done.actor.')) this.#end(from, 'done', at);
    else if (event.type.startsWith('xstate.error.actor.')) this.#end(from, 'error', at, event.error);
  }

  #changed(ref: AnyActorRef, event: AnyEventObject): void {
    const seen = this.#all.get(ref);
    if (seen === undefined) return;
    if (event.type === 'xstate.stop') this.#end(seen, 'stopped', Date.now());
    else if (seen.kind === 'chart') this.#look(seen, event.type, Date.now());
    // A child tells of its end itself; the guardian has nobody to tell it to.
    if (seen.parent !== undefined) return;
    const { status } = ref.getSnapshot() as { status: ActorStatus };
    if (status === 'done') this.#end(seen, status, Date.now());
  }

  #look(seen: Seen, eventType: string, at: number): void {
    const snapshot = seen.ref.getSnapshot() as AnyMachineSnapshot;
    const change = look(seen, snapshot, eventType, at);
    if (this.#teller.isHeard) this.#teller.changed(seen, snapshot, change, at);
  }

  #end(seen: Seen, status: Exclude<ActorStatus, 'active'>, at: number, cause?: unknown): void {
    if (!this.#all.has(seen.ref)) return;
    for (const child of [...seen.children]) this.#end(child, 'stopped', at);
    if (seen.kind === 'chart' && status === 'done') this.#look(seen, seen.eventType, at);
    seen.status = status;
    seen.awaited = undefined;
    seen.pending.length = 0;
    this.#all.delete(seen.ref);
    const { parent } = seen;
    let error: LastError | undefined;
    if (status === 'error') {
      const { code, message } = toFailure(cause);
      error = { code, message, at: timeOf(at) };
      seen.error = error;
      if (parent) parent.error = error;
    }
    parent?.children.delete(seen);
    noteEnd(seen, status, at, error);
    if (this.#teller.isHeard) this.#teller.gone(seen, status, at, error);
    this.#gone(seen);
  }
}
