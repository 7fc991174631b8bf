import type {
  AgentPorts,
  ListedStatus,
  Mount,
  SessionId,
  SessionKind,
  SessionRecord,
} from '../../machines/vocabulary.js';
import { formatSessionRow } from '../protocol/sessionRow.js';

/** A session as the server's data base, its folder and its process table have it. */
export interface Entry {
  readonly session: SessionId;
  readonly kind: SessionKind;
  readonly command: string;
  readonly display: number;
  readonly cookie: string;
  readonly createdMs: number;
  changedMs: number;
  status: ListedStatus;
  client: string;
  pid?: number;
  ports?: AgentPorts;
  /** Whether the agent's process is there. */
  alive: boolean;
  /** What is in the state file; undefined: no folder. Any text, so that a torn write can be planted. */
  state?: string | undefined;
  readonly mounts: Mount[];
  /** The viewer that shows it, when it came through a tunnel. Other clients' viewers have no line here. */
  line?: AgentLine | undefined;
  /** The agent listens on its graphics port for the one viewer it waits for; called when that is over. */
  stopListening?: (() => void) | undefined;
  /** Under which marker a script of ours started it. */
  readonly start?: string | undefined;
  /** What x2goruncommand was given for it. */
  readonly commands: string[];
  /** Files that were written into its folder, by name. */
  readonly files: Map<string, Buffer>;
  /** Drops the steps of the last action that have not happened yet. */
  cancel: () => void;
}

/** A viewer's connection, from the agent's side. */
export interface AgentLine {
  /** The agent closes it. */
  hangUp(): void;
  /** Somebody has seen to its end: when it comes, nothing follows from it. */
  doomed: boolean;
}

export interface ServerWorld {
  readonly user: string;
  readonly hostName: string;
  readonly now: () => number;
}

/** Server's local time, without a zone; this server lives in UTC. */
export const serverTime = (ms: number) => new Date(ms).toISOString().slice(0, 19);

/** What the X2Go server knows of its sessions, and how its listing commands see it. */
export class SessionStore {
  readonly #entries = new Map<SessionId, Entry>();

  constructor(readonly world: ServerWorld) {}

  add(entry: Entry): void {
    this.#entries.set(entry.session, entry);
  }

  find(session: SessionId): Entry | undefined {
    return this.#entries.get(session);
  }

  get all(): readonly Entry[] {
    return [...this.#entries.values()];
  }

  /** What x2golistsessions shows: S before R, never F, shadow sessions apart. */
  listed(shadows: boolean): readonly Entry[] {
    const listed = this.all.filter(({ kind, status }) => status !== 'F' && (kind === 'shadow') === shadows);
    return listed.sort((a, b) => (a.status === b.status ? 0 : a.status > b.status ? -1 : 1));
  }

  /** A listing is not read-only: it writes into the data base what the state files say (PROTOCOL 2.1). */
  correct(): void {
    for (const entry of this.all) {
      const asleep = entry.state === 'SUSPENDING' || entry.state === 'SUSPENDED';
      if (entry.status === 'R' && asleep) {
        this.fallAsleep(entry);
      } else if (entry.status === 'S' && entry.alive && entry.state === 'RUNNING') {
        this.change(entry, 'R');
      }
    }
  }

  change(entry: Entry, status: ListedStatus): void {
    const isResumed = entry.status === 'S' && status === 'R' && entry.changedMs > entry.createdMs;
    entry.status = status;
    // No server is that quick: a resume never bears the time of the suspension before, in seconds.
    entry.changedMs = Math.max(this.world.now(), isResumed ? entry.changedMs + 1_000 : 0);
  }

  /** Who suspends a session unmounts its folders. */
  fallAsleep(entry: Entry): void {
    this.change(entry, 'S');
    entry.mounts.length = 0;
  }

  record(entry: Entry): SessionRecord {
    const { session, kind, command, display, status, client, createdMs, changedMs, pid, ports } = entry;
    return {
      session,
      kind,
      user: this.world.user,
      command,
      display,
      server: this.world.hostName,
      status,
      // For about two seconds of a start the row has no pid, cookie, client and ports.
      client: pid === undefined ? '' : client,
      createdAt: serverTime(createdMs),
      changedAt: serverTime(changedMs),
      ageSeconds: Math.floor((this.world.now() - createdMs) / 1000),
      ...(pid === undefined ? {} : { agentPid: pid }),
      ...(ports === undefined ? {} : { ports }),
    };
  }

  rows(shadows: boolean): string {
    this.correct();
    return this.listed(shadows)
      .map(
        (entry) => `${formatSessionRow(this.record(entry), entry.pid === undefined ? '' : entry.cookie)}\n`,
      )
      .join('');
  }

  agentAlive(pid: number): boolean {
    return this.all.some((entry) => entry.pid === pid && entry.alive);
  }

  clear(): void {
    for (const { cancel } of this.all) cancel();
  }
}
