/** What holds in every simulated world: after each step, when it is quiet, and at the end. */
import type { GuardianEventRecord } from '../../src/records.js';
import type { SimulatedWorld } from '../../src/testing/index.js';
import type { Calls } from './calls.js';
import { type Kind, keyOf, Truth } from './truth.js';

export class Violation extends Error {
  constructor(
    /** Which invariant: a run is shrunk as long as the same one is broken. */
    readonly rule: string,
    what: string,
  ) {
    super(`${rule}: ${what}`);
  }
}

/** How old what a server showed may be when it is told of: a listing's deadline, held up by a line that healed just in time. */
const oldest = 30_000;
const confirmed: Readonly<Record<string, Kind>> = {
  'session.started': 'running',
  'session.resumed': 'running',
  'session.suspended': 'suspended',
  'session.terminated': 'gone',
};

/** Eight, and those that were granted after nobody waited for them any more: they are closed at once. */
const mostChannels = 16;

export class Invariants {
  readonly truth: Truth;
  /** The last state that was told of each session. */
  readonly told = new Map<string, string>();
  readonly #toldAt = new Map<string, number>();
  readonly #registered = new Set<string>();
  readonly #world: SimulatedWorld;
  readonly #calls: Calls;
  #heard = 0;
  #looks = 0;
  #isOver = false;

  constructor(world: SimulatedWorld, calls: Calls, tell: (text: string) => void) {
    this.#world = world;
    this.#calls = calls;
    this.truth = new Truth(world, tell);
  }

  /** After every step. */
  hold(): void {
    this.truth.look();
    const { events } = this.#world;
    for (; this.#heard < events.length; this.#heard += 1) {
      const record = events[this.#heard];
      if (record !== undefined) this.#hear(record);
    }
    // Nothing of this comes and goes within a moment.
    this.#looks += 1;
    if (this.#looks % 4 === 0) this.#bounded();
    this.#single();
    this.#noted();
    const [broken] = this.#calls.broken;
    if (broken !== undefined) throw new Violation('no call breaks', broken);
    if (this.#world.guardian.actor.getSnapshot().status === 'error')
      throw new Violation('no chart crashes', 'the root actor is in error');
  }

  #hear(record: GuardianEventRecord): void {
    if (this.#isOver) throw new Violation('the last word', `${record.event} after guardian.terminated`);
    if (record.event === 'guardian.terminated') this.#isOver = true;
    if ('failure' in record && record.failure !== undefined && typeof record.failure === 'object') {
      if (record.failure.code === 'unexpected')
        throw new Violation('no chart crashes', `${record.event}: ${record.failure.message}`);
    }
    if (!('state' in record)) return;
    const { session } = record as { session?: string };
    if (session === undefined) return;
    const name = keyOf(record.profile, session);
    // Why it failed is told before its end.
    if (record.event === 'session.failed' && record.state === 'terminated') return;
    const before = this.told.get(name);
    if (record.event === 'session.registered') {
      if (this.#registered.has(name) && before !== 'terminated')
        throw new Violation('no event is doubled', `${name} is registered twice`);
      this.#registered.add(name);
    } else if (before !== undefined && before !== record.from) {
      if (!isUntold(before, record.from))
        throw new Violation(
          'no event is lost or doubled',
          `${record.event} of ${name} comes from ${record.from}, and ${before} was told last`,
        );
    }
    if (before === 'terminated' && record.event !== 'session.registered')
      throw new Violation('no event is lost or doubled', `${record.event} of ${name} after its end`);
    // Whoever was blind for a while tells later of what was in between.
    const blind = this.#world.time.now() - (this.#toldAt.get(name) ?? 0);
    this.told.set(name, record.state);
    // That the line is gone is learnt without a look at the server.
    if (record.event !== 'session.recovering') this.#toldAt.set(name, this.#world.time.now());
    const kind = confirmed[record.event];
    if (kind !== undefined && before === record.state)
      throw new Violation('no event is lost or doubled', `${record.event} of ${name} is told twice`);
    if (kind !== undefined && !this.truth.had(name, kind, Math.max(oldest, blind)))
      throw new Violation(
        'no state the server never had',
        `${record.event} of ${name}, which was not ${kind} there`,
      );
  }

  #bounded(): void {
    const { guardian, time, inside, servers } = this.#world;
    const sessions = servers.reduce((sum, { store }) => sum + store.all.length, 0);
    const sizes = {
      open: guardian.open.length,
      timers: time.pending('guardian'),
      cookies: inside.cookies.size,
      viewers: inside.viewers.size,
      connections: inside.connections.size,
    };
    const most = {
      open: 12 * servers.length + 6 * sessions,
      timers: 40 * servers.length + 12 * sessions + 2 * this.#calls.pending.size,
      cookies: sessions,
      viewers: sessions,
      connections: servers.length,
    };
    for (const [name, size] of Object.entries(sizes))
      if (size > most[name as keyof typeof most])
        throw new Violation('memory is bounded', `${name}: ${size} for ${sessions} sessions`);
  }

  #single(): void {
    const { servers, viewers } = this.#world;
    for (const { profile, lines } of servers) {
      const ready = [...lines].filter(({ isReady }) => isReady);
      if (ready.length > 1) throw new Violation('one line a profile', `${profile} has ${ready.length}`);
      for (const line of ready)
        if (line.channels > mostChannels)
          throw new Violation('channels are capped', `${line.channels} are open`);
    }
    const shown = [...viewers.alive].map(({ profile, session }) => keyOf(profile, session));
    if (new Set(shown).size < shown.length)
      throw new Violation('one viewer a session', `${shown.join(', ')} are shown`);
  }

  /** A kill -9 in this very moment would lose nothing: whoever comes next finds what we began or show. */
  #noted(): void {
    const { journal, servers, viewers } = this.#world;
    if (journal.missed > 0 || journal.isClosed) return;
    const isNoted = (name: string | undefined) =>
      [...journal.noted].some(
        (entry) =>
          (entry.kind === 'start' ? entry.marker : entry.kind === 'session' && entry.session) === name,
      );
    const shown = new Set([...viewers.alive].map(({ profile, session }) => keyOf(profile, session)));
    for (const { profile, store } of servers) {
      for (const { session, start, alive, line, state, status } of store.all) {
        if (!alive || status === 'F' || isNoted(session) || (start !== undefined && isNoted(start))) continue;
        const key = keyOf(profile, session);
        const isShown = line?.doomed === false && shown.has(key) && this.told.get(key) === 'running';
        if (isShown || (start !== undefined && state === 'STARTING' && line === undefined))
          throw new Violation('what we run is in the journal', `${session} is not`);
      }
    }
  }
}

/** States on the way from one to another have no event of their own; those in which a session stays have. */
const isUntold = (told: string, now: string): boolean =>
  ['starting', 'resuming', 'suspending', 'terminating'].includes(now) ||
  (told === 'starting' && now === 'virgin');
