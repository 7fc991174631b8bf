/** XState's inspection events as the messages of the official inspector (@statelyai/inspect 0.7.2), without secrets. */
import type { AnyActorRef, InspectionEvent } from 'xstate';
import { plain } from './plain.js';

const version = '0.7.2';

export class XStateWire {
  readonly #actors = new Map<string, { readonly actor: AnyActorRef; readonly rootId: string }>();
  readonly #receivers = new Set<(message: string) => void>();

  /** For createGuardian({ inspect }). */
  readonly inspect = (event: InspectionEvent): void => {
    const { sessionId } = event.actorRef;
    if (event.type === '@xstate.actor') {
      this.#actors.set(sessionId, { actor: event.actorRef as AnyActorRef, rootId: event.rootId });
    }
    if (this.#receivers.size > 0) {
      const message = messageOf(event);
      if (message !== undefined) for (const receive of this.#receivers) receive(JSON.stringify(message));
    }
    if (event.type === '@xstate.snapshot' && statusOf(event.snapshot) !== 'active') {
      this.#actors.delete(sessionId);
    }
  };

  /** Tells at once of the actors there are, with their states; then all that happens. */
  join(receive: (message: string) => void): () => void {
    for (const { actor, rootId } of this.#actors.values())
      receive(JSON.stringify(actorMessage(actor, rootId)));
    this.#receivers.add(receive);
    return () => this.#receivers.delete(receive);
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

function messageOf(event: InspectionEvent): object | undefined {
  const { actorRef, rootId } = event;
  const head = common(event.type, actorRef.sessionId, rootId);
  switch (event.type) {
    case '@xstate.actor':
      return actorMessage(actorRef as AnyActorRef, rootId);
    case '@xstate.event':
      return { ...head, event: plain(event.event), sourceId: event.sourceRef?.sessionId };
    case '@xstate.snapshot':
      return { ...head, event: plain(event.event), snapshot: snapshotOf(event.snapshot) };
    default:
      return undefined;
  }
}

const actorMessage = (actor: AnyActorRef, rootId: string) => {
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
