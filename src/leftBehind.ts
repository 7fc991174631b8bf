import { createActor, toPromise } from 'xstate';
import type { Fact, Profile, ProfileId, SessionId } from '../machines/vocabulary.js';
import { X2GoError } from './errors.js';
import { factsOf, type LeftSession, type ReapOptions, reap, settle } from './journal/reap.js';
import { withdraw } from './ssh/withdraw.js';
import type { World } from './world.js';

/** A start that was under way takes no longer to be taken back than one of ours. */
const withdrawDeadline = 20_000;

export interface LeftBehindOptions extends Pick<ReapOptions, 'folder'> {
  /** Aborted when this guardian ends. */
  readonly hurry: AbortSignal;
  readonly tell: (fact: Fact) => void;
  readonly trouble: (failure: X2GoError) => void;
  readonly profileOf: (id: ProfileId) => Profile | undefined;
  /** What a profile's last listing showed. */
  readonly listed: (id: ProfileId) => readonly SessionId[] | undefined;
}

/**
 * What killed guardians of this user left on servers. Their sessions are told of at each start until one is resumed here,
 * has ended, or is not listed any more; starts that were under way are taken back when their server is there.
 */
export class LeftBehind {
  readonly #world: World;
  readonly #options: LeftBehindOptions;
  readonly #left = new Map<string, LeftSession>();

  constructor(world: World, options: LeftBehindOptions) {
    this.#world = world;
    this.#options = options;
  }

  /** Ends what was left on this machine. Never rejects. */
  async reap(): Promise<void> {
    const { tell, trouble } = this.#options;
    const reaping = await reap(this.#journal);
    for (const entry of reaping.sessions) this.#left.set(nameOf(entry), entry);
    for (const fact of factsOf(reaping)) tell(fact);
    for (const { path, reason } of reaping.skipped)
      trouble(new X2GoError('file.unreadable', `The journal ${path} is passed over: ${reason}`));
    for (const profile of this.#world.connections.keys()) this.#takeBack(profile);
  }

  /** After a session of this guardian is in its own journal. */
  note(fact: Fact): void {
    if (this.#left.size === 0) return;
    if (fact.type === 'profile.connected') this.#takeBack(fact.profile);
    else if (fact.type === 'session.terminated') this.#settle(fact.session);
    else if (fact.type === 'session.resumed' && fact.by === 'me') this.#settle(fact.session);
    else if (fact.type === 'cache.refreshed' && fact.cache === 'sessions' && fact.source === 'listing')
      this.#compare(fact.profile, fact.skippedRows);
  }

  /** A row that was skipped might have been one of them. */
  #compare(profile: ProfileId, skippedRows: number): void {
    const listed = this.#options.listed(profile);
    if (skippedRows > 0 || listed === undefined) return;
    for (const entry of this.#of(profile))
      if (entry.kind === 'session' && !listed.includes(entry.session)) this.#settle(entry.session);
  }

  #takeBack(profile: ProfileId): void {
    for (const entry of this.#of(profile)) {
      if (entry.kind !== 'start') continue;
      this.#left.delete(entry.marker);
      void this.#withdraw(profile, entry.marker);
    }
  }

  async #withdraw(profile: ProfileId, marker: string): Promise<void> {
    const operation = `left-${marker}`;
    this.#world.starts.set(operation, marker);
    const input = { profile, operation, deadlineMs: withdrawDeadline };
    const actor = createActor(withdraw(this.#world), { input });
    const done = toPromise(actor);
    actor.start();
    const { outcome } = await done;
    this.#world.starts.delete(operation);
    const about = { type: 'reap.ended', kind: 'session', id: marker, profile } as const;
    if (outcome.ok) {
      settle(marker, this.#journal);
      return this.#options.tell({ ...about, outcome: 'ended' });
    }
    if (this.#options.hurry.aborted) return;
    // The next guardian is told of it; so is this one's next connection.
    const known = this.#options.profileOf(profile);
    if (known) this.#left.set(marker, { kind: 'start', marker, profile: known });
    this.#options.tell({ ...about, outcome: 'failed', failure: outcome.failure.message });
  }

  #settle(name: string): void {
    if (this.#left.delete(name)) settle(name, this.#journal);
  }

  /** Of the same server and user: a profile's name may mean another one by now. */
  #of(profile: ProfileId): readonly LeftSession[] {
    const known = this.#options.profileOf(profile);
    if (known === undefined) return [];
    return [...this.#left.values()].filter((entry) => placeOf(entry.profile) === placeOf(known));
  }

  get #journal(): Pick<ReapOptions, 'folder' | 'hurry' | 'clock'> {
    const { folder, hurry } = this.#options;
    return { hurry, clock: this.#world.clock, ...(folder === undefined ? {} : { folder }) };
  }
}

const nameOf = (entry: LeftSession): string => (entry.kind === 'session' ? entry.session : entry.marker);
const placeOf = ({ user, host, port = 22 }: Profile): string => `${user}@${host}:${port}`;
