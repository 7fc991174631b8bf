/** A chart of ours, or a leaf that a chart runs through one of its ports. */
export type ActorKind = 'chart' | 'leaf';
export type ActorStatus = 'active' | 'done' | 'error' | 'stopped';

/** The event that an actor got last. */
export interface LastEvent {
  readonly type: string;
  readonly at: string;
  /** The address of the actor that sent it; null when it came from outside. */
  readonly from: string | null;
}

export interface LastError {
  readonly code: string;
  readonly message: string;
  readonly at: string;
}

/** Plain facts of an actor, by the chart it runs: what is told of it beside its state. Never a secret. */
export type About = Readonly<Record<string, unknown>>;

/** One actor, as it is now. */
export interface ActorNode {
  /** Its address, unique in a run: `guardian/profile:office/session:...`; an id used again gets `~2`, `~3`. */
  readonly id: string;
  /** The actor's own id. */
  readonly name: string;
  /** guardian, profile, session, attachment, tunnel or proxy; of a leaf the port's name: transport, survey ... */
  readonly chart: string;
  readonly kind: ActorKind;
  /** Of its state; none for leaves. */
  readonly tags: readonly string[];
  /** XState's value of its state; null for leaves. */
  readonly value: unknown;
  readonly status: ActorStatus;
  /** When its tags became these: RFC 3339, UTC, milliseconds. */
  readonly since: string;
  readonly lastEvent: LastEvent | null;
  /** What it failed with last, or what crashed one of its children. */
  readonly lastError: LastError | null;
  readonly about: About;
  readonly children: readonly ActorNode[];
}

/** What `guardian.inspect()` and `inspect --json` give. */
export interface GuardianTree {
  readonly v: 1;
  readonly time: string;
  readonly root: ActorNode;
}
