import type { AgentState, SessionId, SessionRecord } from '../../machines/vocabulary.js';
import { parseSessionName } from '../protocol/sessionName.js';
import { createAgentSupply, type NewSession } from './agents.js';
import { paces } from './paces.js';
import type { Entry, SessionStore } from './sessionStore.js';
import type { Timers } from './timers.js';

/** A session as it is on the server now, whatever its listing says. */
export interface SessionView {
  readonly record: SessionRecord;
  readonly listed: boolean;
  /** The content of its state file; undefined when the folder is gone. */
  readonly state: string | undefined;
  readonly agentAlive: boolean;
  readonly mounts: readonly string[];
}

type Step = readonly [ms: number, happens: () => void];

/** "Somebody else": acts on the server's sessions as another client would. Unknown sessions throw. */
export class EmulatedSessions {
  readonly #supply;

  constructor(
    readonly store: SessionStore,
    readonly timers: Timers,
    /** 0: every step at once; 1: as slow as a real server. */
    public pace: number,
  ) {
    this.#supply = createAgentSupply(store.world.user);
  }

  start(order: NewSession = {}): SessionId {
    const createdMs = this.store.world.now();
    const taken = (display: number) =>
      this.store.all.some((other) => other.status !== 'F' && other.display === display);
    const { kind, display, session } = this.#supply.name(order, createdMs, taken);
    const parsed = parseSessionName(session);
    if (!parsed.ok) throw new Error(`The emulator cannot start ${session}: ${parsed.reason}`);
    const entry: Entry = {
      session,
      kind,
      command: parsed.name.command,
      display,
      cookie: this.#supply.cookie(),
      createdMs,
      changedMs: createdMs,
      status: 'R',
      client: order.client ?? '127.0.0.1',
      alive: false,
      mounts: [],
      cancel: () => {},
    };
    this.store.add(entry);
    this.#walk(entry, [
      [
        paces.start.agent,
        () => {
          entry.pid = this.#supply.pid();
          entry.ports = this.#supply.ports();
          entry.alive = true;
          entry.state = 'STARTING';
          this.store.change(entry, 'R');
        },
      ],
      ...((order.attach ?? true) ? [this.#says(entry, paces.start.running, 'RUNNING')] : []),
    ]);
    return session;
  }

  suspend(session: SessionId): void {
    const entry = this.#get(session);
    if (entry.status !== 'R') return;
    this.#walk(entry, [
      this.#says(entry, paces.suspend.suspending, 'SUSPENDING'),
      [paces.suspend.listed, () => this.#listAsleep(entry)],
      this.#says(entry, paces.suspend.suspended, 'SUSPENDED'),
    ]);
  }

  /** The client that showed the session is gone: the agent suspends itself, the list says R until somebody lists. */
  abandon(session: SessionId): void {
    const entry = this.#get(session);
    this.#walk(entry, [this.#says(entry, paces.abandon.suspended, 'SUSPENDED')]);
  }

  /** Resumes a suspended session; takes over a running one. */
  resume(session: SessionId, by: { readonly client?: string } = {}): void {
    const entry = this.#get(session);
    if (entry.status === 'R') {
      this.takeOver(session, by);
      return;
    }
    this.#walk(entry, this.#resuming(entry, paces.resume, by.client));
  }

  takeOver(session: SessionId, { client = '127.0.0.2' }: { readonly client?: string } = {}): void {
    const entry = this.#get(session);
    this.#walk(entry, [
      this.#says(entry, paces.takeOver.suspending, 'SUSPENDING'),
      this.#says(entry, paces.takeOver.suspended, 'SUSPENDED'),
      ...this.#resuming(entry, paces.takeOver, client),
    ]);
  }

  /** `orphan`: gone from the list while the agent lives on, as after a terminate while RESUMING (PROTOCOL T27). */
  terminate(session: SessionId, { orphan = false }: { readonly orphan?: boolean } = {}): void {
    const entry = this.#get(session);
    const unlisted: Step = [paces.terminate.unlisted, () => this.#unlist(entry)];
    if (orphan) {
      this.#walk(entry, [unlisted, this.#says(entry, paces.terminate.terminated, 'SUSPENDED')]);
      return;
    }
    // The folder stays for ever (PROTOCOL 1.5).
    this.#walk(entry, [
      this.#says(entry, paces.terminate.terminating, 'TERMINATING'),
      unlisted,
      [paces.terminate.terminated, () => this.#end(entry)],
    ]);
  }

  endApplication(session: SessionId): void {
    const entry = this.#get(session);
    const { terminated, folderGone } = paces.endApplication;
    this.#walk(entry, [
      [
        terminated,
        () => {
          this.#end(entry);
          this.#unlist(entry);
        },
      ],
      [
        terminated + folderGone,
        () => {
          entry.state = undefined;
        },
      ],
    ]);
  }

  /** SIGKILL: the row stays R and the state file keeps its last word. */
  killAgent(session: SessionId): void {
    const entry = this.#get(session);
    entry.cancel();
    entry.alive = false;
  }

  /** Puts any text into the state file: what a torn or empty read would see. */
  writeState(session: SessionId, text: AgentState | (string & {})): void {
    this.#get(session).state = text;
  }

  /** Mounts a folder of the client; gives the mount point on the server. */
  addMount(session: SessionId, path: string): string {
    const entry = this.#get(session);
    const mountpoint = `/tmp/.x2go-${this.store.world.user}/media/disk/${path.replace(/[/ ]/g, '_')}`;
    entry.mounts.push({ session, client: '127.0.0.1', mountpoint });
    return mountpoint;
  }

  removeMount(session: SessionId, mountpoint: string): void {
    const { mounts } = this.#get(session);
    const at = mounts.findIndex((mount) => mount.mountpoint === mountpoint);
    if (at >= 0) mounts.splice(at, 1);
  }

  /** The listed sessions, shadow sessions last. Unlike x2golistsessions it corrects nothing. */
  list(): readonly SessionRecord[] {
    return [false, true]
      .flatMap((shadows) => this.store.listed(shadows))
      .map((entry) => this.store.record(entry));
  }

  get(session: SessionId): SessionView {
    const entry = this.#get(session);
    return {
      record: this.store.record(entry),
      listed: entry.status !== 'F',
      state: entry.state,
      agentAlive: entry.alive,
      mounts: entry.mounts.map(({ mountpoint }) => mountpoint),
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

  #walk(entry: Entry, steps: readonly Step[]): void {
    entry.cancel();
    const cancels = steps.map(([ms, happens]) => this.timers.after(ms * this.pace, happens));
    entry.cancel = () => {
      for (const cancel of cancels) cancel();
    };
  }

  #says(entry: Entry, ms: number, state: AgentState): Step {
    return [
      ms,
      () => {
        if (entry.alive) entry.state = state;
      },
    ];
  }

  #resuming(entry: Entry, at: { resuming: number; running: number }, client = '127.0.0.1'): Step[] {
    return [
      [
        at.resuming,
        () => {
          if (!entry.alive) return;
          entry.state = 'RESUMING';
          entry.client = client;
          this.store.change(entry, 'R');
        },
      ],
      this.#says(entry, at.running, 'RUNNING'),
    ];
  }

  #listAsleep(entry: Entry): void {
    this.store.change(entry, entry.alive ? 'S' : 'F');
    entry.mounts.length = 0;
  }

  #unlist(entry: Entry): void {
    this.store.change(entry, 'F');
    entry.mounts.length = 0;
  }

  #end(entry: Entry): void {
    if (entry.state !== undefined) entry.state = 'TERMINATED';
    entry.alive = false;
  }
}
