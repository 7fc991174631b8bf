/** What the server really has and what this machine shows, looked at five times a second; and what is told, held against it. */
import { readdirSync, readFileSync } from 'node:fs';
import type { GuardianEventRecord } from '../../src/index.js';
import { childrenOf, findProcesses } from '../support/real/processes.js';

export type Kind = 'running' | 'suspended' | 'gone';
interface Sample {
  readonly at: number;
  readonly word: string;
  readonly kinds: readonly Kind[];
}

/** How old what a server showed may be when it is told of. */
const oldest = 45_000;
const confirmed: Readonly<Record<string, Kind>> = {
  'session.started': 'running',
  'session.resumed': 'running',
  'session.suspended': 'suspended',
  'session.terminated': 'gone',
};

const kindsOf = (word: string, alive: boolean): readonly Kind[] => {
  if (!alive) return ['gone'];
  if (word.startsWith('TERMINAT')) return ['gone'];
  if (word === 'SUSPENDED' || word === 'SUSPENDING') return ['suspended'];
  // On its way back it was suspended a moment ago.
  return word === 'RESUMING' ? ['suspended', 'running'] : ['running'];
};

export interface Watched {
  readonly user: string;
  readonly uid: number;
  /** The guardian's process. */
  readonly pid: () => number | undefined;
  readonly tell: (violation: string) => void;
}

export class Witness {
  readonly violations: string[] = [];
  readonly #told: { readonly at: number; readonly record: GuardianEventRecord }[] = [];
  /** The state that was told last. */
  readonly told = new Map<string, string>();
  /** Which viewer shows which session. */
  readonly #viewers = new Map<number, string>();
  readonly #samples = new Map<string, Sample[]>();
  readonly #watched: Watched;
  readonly #timer: NodeJS.Timeout;

  constructor(watched: Watched) {
    this.#watched = watched;
    this.#timer = setInterval(() => this.look(), 200);
  }

  hear(record: GuardianEventRecord): void {
    if (!record.event.startsWith('cache.')) this.#told.push({ at: performance.now(), record });
    if (this.#told.length > 100) this.#told.shift();
    if (record.event === 'proxy.started') this.#viewers.set(record.pid, record.session);
    if ('failure' in record && typeof record.failure === 'object' && record.failure.code === 'unexpected')
      this.#violated(`${record.event}: ${record.failure.message}`);
    if (!('state' in record) || !('session' in record) || record.session === undefined) return;
    const { session, state, event } = record;
    // Why it failed is told before its end.
    if (event === 'session.failed' && state === 'terminated') return;
    const before = this.told.get(session);
    this.told.set(session, state);
    const kind = confirmed[event];
    if (kind === undefined) return;
    if (before === state) this.#violated(`${event} of ${session} is told twice`);
    this.look();
    if (!this.had(session, kind)) this.#violated(`${event} of ${session}, which was not ${kind} there`);
  }

  /** What the agent's own file says now. */
  word(session: string): string {
    return this.#samples.get(session)?.at(-1)?.word ?? 'gone';
  }

  had(session: string, kind: Kind): boolean {
    const samples = this.#samples.get(session) ?? [];
    const since = performance.now() - oldest;
    return samples.some(
      ({ kinds }, n) => (samples[n + 1]?.at ?? Number.POSITIVE_INFINITY) >= since && kinds.includes(kind),
    );
  }

  /** Viewers of the guardian's, by session; a helper of nxproxy's is its child, not the guardian's. */
  shown(): ReadonlyMap<string, number> {
    const pid = this.#watched.pid();
    const count = new Map<string, number>();
    if (pid === undefined) return count;
    for (const { comm, pid: viewer } of childrenOf(pid)) {
      const session = this.#viewers.get(viewer);
      if (comm === 'nxproxy' && session !== undefined) count.set(session, (count.get(session) ?? 0) + 1);
    }
    return count;
  }

  /** Viewers of the guardian's that were stopped: they are to be replaced. */
  stopped(): readonly number[] {
    const pid = this.#watched.pid();
    if (pid === undefined) return [];
    const viewers = childrenOf(pid).filter(({ comm, state }) => comm === 'nxproxy' && state === 'T');
    return viewers.map(({ pid: viewer }) => viewer);
  }

  /** The sessions whose agents live, with their pids. */
  agents(): ReadonlyMap<string, number> {
    const found = findProcesses(({ uid, comm }) => uid === this.#watched.uid && comm === 'x2goagent');
    return new Map(
      found.flatMap(({ cmdline, pid }): [string, number][] => {
        const [, session] = /X2GO-(\S+-\d+-\d+_st\S+)/.exec(cmdline) ?? [];
        return session === undefined ? [] : [[session, pid]];
      }),
    );
  }

  look(): void {
    const agents = this.agents();
    const folder = `/tmp/.x2go-${this.#watched.user}`;
    for (const name of namesIn(folder)) {
      if (!name.startsWith('C-')) continue;
      const session = name.slice(2);
      const alive = agents.has(session);
      const samples = this.#samples.get(session) ?? [];
      const read = alive ? textOf(`${folder}/${name}/state`) : 'gone';
      // A torn read says nothing.
      const word = read === '' ? (samples.at(-1)?.word ?? 'STARTING') : read;
      if (samples.at(-1)?.word === word) continue;
      samples.push({ at: performance.now(), word, kinds: kindsOf(word, alive) });
      this.#samples.set(session, samples);
    }
    for (const [session, count] of this.shown())
      if (count > 1) this.#violated(`${count} viewers show ${session}`);
  }

  /** What was told lately, and what the server's agents said. */
  lately(): readonly string[] {
    const now = performance.now();
    const recent = this.#told.map(
      ({ at, record }) => `  -${Math.round(now - at)} ms ${JSON.stringify(record)}`,
    );
    const words = [...this.#samples].map(
      ([session, samples]) =>
        `  ${session}: ${samples
          .slice(-8)
          .map(({ at, word }) => `${word} -${Math.round(now - at)}`)
          .join(', ')}`,
    );
    return [...recent.slice(-30), ...words.slice(-5)];
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #violated(what: string): void {
    if (this.violations.at(-1) === what) return;
    this.violations.push(what);
    this.#watched.tell([what, ...this.lately()].join('\n'));
  }
}

const namesIn = (folder: string): readonly string[] => {
  try {
    return readdirSync(folder);
  } catch {
    return []; // there is no session yet
  }
};
const textOf = (path: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
};
