/** XState's inspection events as the messages of the official inspector (@statelyai/inspect 0.7.2), without secrets. */
import type { AnyActorRef, InspectedEventEvent, InspectedSnapshotEvent, InspectionEvent } from 'xstate';
import { plain } from './plain.js';

const version = '0.7.2';

interface Known {
  readonly actor: AnyActorRef;
  readonly rootId: string;
  /** Before it starts it has no snapshot that it could be shown with. */
  isStarted: boolean;
}

export class XStateWire {
  readonly #actors = new Map<string, Known>();
  readonly #receivers = new Set<(message: string) => void>();

  /** For createGuardian({ inspect }). */
  readonly inspect = (event: InspectionEvent): void => {
    const { sessionId } = event.actorRef;
    const { type, rootId } = event;
    if (type === '@xstate.actor') {
      this.#actors.set(sessionId, { actor: event.actorRef as AnyActorRef, rootId, isStarted: false });
      return;
    }
    if (type !== '@xstate.event' && type !== '@xstate.snapshot') return;
    // One that has ended may still be written to, and who came late has never heard of it.
    const known = this.#actors.get(sessionId);
    if (known === undefined) return;
    const isFirst = !known.isStarted;
    known.isStarted = true;
    if (this.#receivers.size > 0) {
      if (isFirst) this.#send(actorMessage(known));
      this.#send(messageOf(event));
    }
    if (type === '@xstate.snapshot' && statusOf(event.snapshot) !== 'active') this.#actors.delete(sessionId);
  };

  /** Tells at once of the actors there are, with their states; then all that happens. */
  join(receive: (message: string) => void): () => void {
    for (const known of this.#actors.values()) {
      if (known.isStarted) receive(JSON.stringify(actorMessage(known)));
    }
    this.#receivers.add(receive);
    return () => this.#receivers.delete(receive);
  }

  #send(message: object): void {
    const text = JSON.stringify(message);
    for (const receive of this.#receivers) receive(text);
  }
}

const common = (type: string, sessionId: string, rootId: string) => ({
  type,
  sessionId,
  rootId,
  createdAt: Date.now().toString(),
  _version: version,
  id: null,
});

function messageOf(event: InspectedEventEvent | InspectedSnapshotEvent): object {
  const head = common(event.type, event.actorRef.sessionId, event.rootId);
  return event.type === '@xstate.event'
    ? { ...head, event: plain(event.event), sourceId: event.sourceRef?.sessionId }
    : { ...head, event: plain(event.event), snapshot: snapshotOf(event.snapshot) };
}

const actorMessage = ({ actor, rootId }: Known) => {
  const config = configOf(actor);
  return {
    ...common('@xstate.actor', actor.sessionId, rootId),
    name: actor.id,
    definition: definitionOf(config ?? { id: actor.id }),
    parentId: (actor as { readonly _parent?: AnyActorRef })._parent?.sessionId,
    snapshot: snapshotOf(actor.getSnapshot()),
  };
};

const configOf = (actor: AnyActorRef): object | undefined =>
  (actor as { readonly logic?: { readonly config?: object } }).logic?.config;

const definitions = new WeakMap<object, string>();

/** A chart's configuration is the same for all its actors, and long. */
function definitionOf(config: object): string {
  const known = definitions.get(config);
  if (known !== undefined) return known;
  const text = JSON.stringify(typeof config === 'object' ? plain(config) : {});
  definitions.set(config, text);
  return text;
}

const statusOf = (snapshot: unknown) => (snapshot as { readonly status?: string }).status;

/** What the inspector shows; an actor's input is not among it. */
function snapshotOf(snapshot: unknown): object {
  const { status, value, context, output, error, tags, children } = snapshot as {
    readonly status?: string;
    readonly value?: unknown;
    readonly context?: unknown;
    readonly output?: unknown;
    readonly error?: unknown;
    readonly tags?: ReadonlySet<string>;
    readonly children?: object;
  };
  const shown = { status, value, context, output, error, tags: tags && [...tags], children };
  return plain(shown) as object;
}
