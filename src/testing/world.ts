import type { FactType, Profile, ProfileId } from '../../machines/vocabulary.js';
import type { Ports } from '../assemble.js';
import { Guardian } from '../guardian.js';
import type { GuardianOptions } from '../options.js';
import type { GuardianEventOf, GuardianEventRecord } from '../records.js';
import type { World } from '../world.js';
import { SimulatedJournal } from './journal.js';
import { simulatedPorts } from './ports.js';
import { Random } from './random.js';
import { SimulatedServer } from './server.js';
import { SimulatedTime } from './time.js';
import { SimulatedViewers } from './viewers.js';

export interface SimulatedOptions
  extends Omit<
    GuardianOptions,
    'clock' | 'sinceBoot' | 'chance' | 'journal' | 'viewer' | 'credentials' | 'hostKeys' | 'handleSignals'
  > {
  /** Decides every delay and every order: the same seed, the same run. @default 1 */
  readonly seed?: number;
  /** Ports in place of the simulated and the real ones, for a world that is broken on purpose. */
  readonly ports?: (world: World) => Partial<Ports>;
}

/** @default one profile, `office` */
const office: Profile = { id: 'office', host: 'office.example.org', user: 'alice' };

/**
 * A whole guardian in a world without a network, a disk, a process or a real timer. Time moves only in run(), until() and
 * finish().
 */
export class SimulatedWorld {
  readonly time = new SimulatedTime();
  readonly random: Random;
  readonly viewers: SimulatedViewers;
  readonly journal = new SimulatedJournal();
  readonly guardian: Guardian;
  /** All that the guardian told. */
  readonly events: GuardianEventRecord[] = [];
  /** How often something arrived somewhere: each time is a point at which anything may go wrong. */
  points = 0;
  readonly #servers = new Map<ProfileId, SimulatedServer>();
  #world: World | undefined;

  constructor({ seed = 1, ports, ...options }: SimulatedOptions = {}) {
    this.random = new Random(seed);
    this.viewers = new SimulatedViewers(this.time, this.random);
    const profiles = options.profiles ?? [office];
    for (const { id, user } of profiles) {
      const server = new SimulatedServer(id, user, this.time, this.random, () => {
        this.points += 1;
      });
      this.#servers.set(id, server);
    }
    const surroundings = { serverOf: (id: ProfileId) => this.server(id), viewers: this.viewers };
    this.guardian = new Guardian(
      {
        ...options,
        profiles,
        journal: false,
        viewer: this.viewers.view,
        clock: this.time.clock,
        sinceBoot: () => this.time.sinceBoot(),
        chance: () => this.random.next(),
      },
      {
        journal: this.journal,
        ports: (world) => {
          this.#world = world;
          return { ...simulatedPorts(surroundings)(world), ...ports?.(world) };
        },
      },
    );
    this.guardian.on('*', (record) => this.events.push(record));
  }

  server(profile: ProfileId = office.id): SimulatedServer {
    const server = this.#servers.get(profile);
    if (server === undefined) throw new Error(`There is no server for ${profile}`);
    return server;
  }

  get servers(): readonly SimulatedServer[] {
    return [...this.#servers.values()];
  }

  /** What the guardian's actors share, for checks. */
  get inside(): World {
    if (this.#world === undefined) throw new Error('The guardian is not assembled yet');
    return this.#world;
  }

  /** Lets so many ms pass. */
  async run(ms: number): Promise<void> {
    const end = this.time.now() + ms;
    while (await this.time.step(end));
  }

  /** Lets time pass until the guardian tells of that. Throws when it does not within `withinMs`. */
  async until<Type extends FactType>(
    event: Type,
    where: (record: GuardianEventOf<Type>) => boolean = () => true,
    withinMs = 120_000,
  ): Promise<GuardianEventOf<Type>> {
    let seen: GuardianEventOf<Type> | undefined;
    const off = this.guardian.on(event, (record) => {
      if (seen === undefined && where(record)) seen = record;
    });
    const end = this.time.now() + withinMs;
    await this.time.settle();
    while (seen === undefined && (await this.time.step(end)));
    off();
    if (seen === undefined) throw new Error(`There was no ${event} within ${withinMs} simulated ms`);
    return seen;
  }

  /** Lets time pass until the promise is settled. */
  async finish<T>(promise: Promise<T>, withinMs = 300_000): Promise<T> {
    let isSettled = false;
    const settle = () => {
      isSettled = true;
    };
    promise.then(settle, settle);
    const end = this.time.now() + withinMs;
    await this.time.settle();
    while (!isSettled && (await this.time.step(end)));
    if (!isSettled) throw new Error(`It was not settled within ${withinMs} simulated ms`);
    return promise;
  }
}
