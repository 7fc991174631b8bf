import type { AgentState, SessionId, SessionRecord } from '../../machines/vocabulary.js';
import { die } from './agentPort.js';
import type { NewSession } from './agents.js';
import type { Births } from './births.js';
import type { Entry, SessionStore } from './sessionStore.js';
import type { Step, Steps } from './steps.js';
import type { Walker } from './walker.js';

/** A session as it is on the server now, whatever its listing says. */
export interface SessionView {
  readonly record: SessionRecord;
  readonly listed: boolean;
  /** The content of its state file; undefined when the folder is gone. */
  readonly state: string | undefined;
  readonly agentAlive: boolean;
  readonly mounts: readonly string[];
  /** Whether a viewer that came through a tunnel shows it. */
  readonly shown: boolean;
  /** What x2goruncommand was asked to run in it. */
  readonly commands: readonly string[];
  /** What was written into its folder, by name. */
  readonly files: Readonly<Record<string, Buffer>>;
}

export interface SessionWorld {
  readonly store: SessionStore;
  readonly births: Births;
  readonly steps: Steps;
  readonly walker: Walker;
}

/** Who resumes: the address the listing will show. */
export interface By {
  /** @default '127.0.0.1' to resume, '127.0.0.2' to take over */
  readonly client?: string;
}

/**
 * "Somebody else": acts on the server's sessions as another client would. Each action starts at once and takes as long
 * as the pace says; the next action on the same session drops what is left of it. Unknown sessions throw.
 */
export class EmulatedSessions {
  /** The tables behind it; `store.rows(false)` is what x2golistsessions prints. */
  readonly store: SessionStore;
  readonly #world: SessionWorld;

  constructor(world: SessionWorld) {
    this.#world = world;
    this.store = world.store;
  }

  /** 0: every step at once; 1: as slow as a real server. May be changed. */
  get pace(): number {
    return this.#world.walker.pace;
  }
  set pace(pace: number) {
    this.#world.walker.pace = pace;
  }

  start(order: NewSession = {}): SessionId {
    const { births, steps, walker } = this.#world;
    const entry = births.add(order);
    walker.walk(entry, steps.start(entry, (order.attach ?? true) ? 'otherClient' : 'anybody'));
    return entry.session;
  }

  suspend(session: SessionId): void {
    const entry = this.#get(session);
    // An agent that never met a viewer cannot be suspended (PROTOCOL T3).
    const waits = entry.state === 'STARTING' && entry.stopListening !== undefined;
    if (entry.status === 'R' && !waits) this.#walk(entry, (steps) => steps.suspend(entry));
  }

  /** Its client is cut off: the agent suspends itself, the list says R until somebody lists. */
  abandon(session: SessionId): void {
    const entry = this.#get(session);
    this.#walk(entry, (steps) => steps.abandon(entry));
  }

  /** Resumes a suspended session; takes over a running one. */
  resume(session: SessionId, by: By = {}): void {
    const entry = this.#get(session);
    if (entry.status === 'R' || entry.line !== undefined) this.takeOver(session, by);
    else this.#walk(entry, (steps) => steps.resume(entry, by.client ?? '127.0.0.1'));
  }

  takeOver(session: SessionId, by: By = {}): void {
    const entry = this.#get(session);
    this.#walk(entry, (steps) => steps.takeOver(entry, by.client ?? '127.0.0.2'));
  }

  /** `orphan`: gone from the list while the agent lives on, as after a terminate while RESUMING (PROTOCOL T27). */
  terminate(session: SessionId, { orphan = false }: { readonly orphan?: boolean } = {}): void {
    const entry = this.#get(session);
    this.#walk(entry, (steps) => (orphan ? steps.orphan(entry) : steps.terminate(entry)));
  }

  /** The application ends by itself, and the agent with it. */
  endApplication(session: SessionId): void {
    const entry = this.#get(session);
    this.#walk(entry, (steps) => steps.endApplication(entry));
  }

  /** SIGKILL: the row stays R and the state file keeps its last word. */
  killAgent(session: SessionId): void {
    const entry = this.#get(session);
    entry.cancel();
    die(entry);
  }

  /** Puts any text into the state file: what a torn or empty read would see. */
  writeState(session: SessionId, text: AgentState | (string & {})): void {
    this.#get(session).state = text;
  }

  /** Mounts a folder of the client; gives the mount point on the server. */
  addMount(session: SessionId, path: string): string {
    const mountpoint = `/tmp/.x2go-${this.store.world.user}/media/disk/${path.replace(/[/ ]/g, '_')}`;
    this.#get(session).mounts.push({ session, client: '127.0.0.1', mountpoint });
    return mountpoint;
  }

  removeMount(session: SessionId, mountpoint: string): void {
    const { mounts } = this.#get(session);
    const at = mounts.findIndex((mount) => mount.mountpoint === mountpoint);
    if (at >= 0) mounts.splice(at, 1);
  }

  /** The listed sessions, shadow sessions last. Unlike x2golistsessions it corrects nothing. */
  list(): readonly SessionRecord[] {
    const listed = [...this.store.listed(false), ...this.store.listed(true)];
    return listed.map((entry) => this.store.record(entry));
  }

  get(session: SessionId): SessionView {
    const entry = this.#get(session);
    return {
      record: this.store.record(entry),
      listed: entry.status !== 'F',
      state: entry.state,
      agentAlive: entry.alive,
      mounts: entry.mounts.map(({ mountpoint }) => mountpoint),
      shown: entry.line !== undefined,
      commands: [...entry.commands],
      files: Object.fromEntries(entry.files),
    };
  }

  /** For tests that search their logs for it. */
  cookieOf(session: SessionId): string {
    return this.#get(session).cookie;
  }

  #get(session: SessionId): Entry {
    const entry = this.store.find(session);
    if (entry === undefined) throw new Error(`The emulator has no session ${session}`);
    return entry;
  }

  #walk(entry: Entry, steps: (steps: Steps) => readonly Step[]): void {
    this.#world.walker.walk(entry, steps(this.#world.steps));
  }
}
