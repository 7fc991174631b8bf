/** One life in a simulated world, with everything that happens watched. */
import { createHash } from 'node:crypto';
import type { ExitPolicy } from '../../machines/orders.js';
import type { ReportEntry } from '../../machines/vocabulary.js';
import type { Entry } from '../../src/emulator/sessionStore.js';
import { type SimulatedOptions, SimulatedWorld } from '../../src/testing/index.js';
import { difference, nothingOpen, oursOf, seenTo } from './aftermath.js';
import { Calls } from './calls.js';
import { happen } from './happen.js';
import { Invariants, Violation } from './invariants.js';
import { type Action, isOurs } from './steps.js';

export interface Setting {
  readonly profiles: number;
  readonly onExit: ExitPolicy;
  readonly recoverSessions: boolean;
  readonly stateWatch: boolean;
  readonly registers: boolean;
  /** How many sessions of others are there at first. */
  readonly found: number;
  /** Whether all is well for a while before the end; else it comes in the middle of everything. */
  readonly calm: boolean;
  /** After so many deliveries of the end a second signal comes; undefined: never. */
  readonly haste?: number | undefined;
}

/** Breaks a world on purpose: a test of the invariants. */
export interface Breakage {
  readonly ports?: NonNullable<SimulatedOptions['ports']>;
  readonly world?: (life: Life) => void;
}

/** How long a life may take to become quiet: a take-over alone is waited for for two minutes. */
const patience = 240_000;
/** What was told to the servers has its effect by then, and an agent without a viewer gives up. */
const aftermath = 150_000;

export class Life {
  readonly world: SimulatedWorld;
  readonly calls: Calls;
  readonly invariants: Invariants;
  readonly names: readonly string[];
  readonly #setting: Setting;
  readonly #told: [at: number, told: string | object][] = [];
  readonly #digest = createHash('sha256');
  /** How long stop() took, in simulated ms. */
  stopMs = 0;

  constructor(seed: number, setting: Setting, broken: Breakage = {}) {
    this.#setting = setting;
    this.names = Array.from({ length: setting.profiles }, (_, n) => `p${n}`);
    this.world = new SimulatedWorld({
      seed,
      profiles: this.names.map((id) => ({ id, host: `${id}.example.org`, user: 'alice' })),
      onExit: setting.onExit,
      recoverSessions: setting.recoverSessions,
      stateWatch: setting.stateWatch,
      autoUpdateListSessionsCache: setting.registers,
      autoUpdateSessionRegistry: setting.registers,
      autoRegisterSessions: setting.registers,
      ...(broken.ports === undefined ? {} : { ports: broken.ports }),
    });
    const tell = (told: string | object) => this.tell(told);
    this.calls = new Calls(tell);
    this.invariants = new Invariants(this.world, this.calls, tell);
    broken.world?.(this);
    this.world.guardian.on('*', tell);
    for (const { sessions } of this.world.servers)
      for (let n = 0; n < setting.found; n += 1) sessions.start();
  }

  tell(told: string | object): void {
    this.#told.push([this.world.time.now(), told]);
  }

  /** All that happened, a line each; the last one sums up when each thing did. */
  trace(): readonly string[] {
    const sum = `${this.world.points} deliveries, ${this.#digest.copy().digest('hex').slice(0, 16)}`;
    return [...this.#told.map(lineOf), sum];
  }

  /** What is due next, and what holds after it. */
  async step(until?: number): Promise<boolean> {
    const went = await this.world.time.step(until);
    this.#digest.update(`${this.world.time.now()};`);
    this.invariants.hold();
    return went;
  }

  async run(ms: number, points = Number.POSITIVE_INFINITY): Promise<void> {
    const end = this.world.time.now() + ms;
    const from = this.world.points;
    while (this.world.points - from < points && (await this.step(end)));
  }

  async act(action: Action, at = 0): Promise<void> {
    if (isOurs(action)) await this.awake();
    const name = this.names[at % this.names.length] ?? '';
    this.tell(`do ${JSON.stringify(action)} at ${name}`);
    try {
      happen(this.world, this.calls, name, action);
    } catch (cause) {
      // What a call refuses at once is its caller's affair.
      if (!(cause instanceof Error) || cause.name !== 'X2GoError') throw cause;
    }
    await this.world.time.settle();
    this.invariants.hold();
  }

  /** All is well again: what is told has to become what is. */
  async calmDown(): Promise<void> {
    const { guardian, servers, time, viewers, journal } = this.world;
    await this.awake();
    this.tell('all is well again');
    viewers.fault = undefined;
    journal.full = false;
    for (const server of servers) server.heal();
    for (const id of this.names) guardian.resumeRegistration(id);
    const end = time.now() + patience;
    // What was asked for before is not overtaken.
    while (
      [...this.calls.pending.values()].some(({ what }) => what === 'disconnect') &&
      (await this.step(end))
    );
    for (const id of this.names)
      this.calls.make('connect', (signal) => guardian.connect(id, { signal, timeout: 200_000 }));
    let differs: string | undefined = 'nothing was looked at';
    while (differs !== undefined && time.now() < end) {
      await this.run(4_000);
      differs = difference(this.world, this.invariants, this.calls, this.#setting);
    }
    if (differs !== undefined) throw new Violation('what is told becomes what is', differs);
  }

  /** stop(), and what is left after it. */
  async end(): Promise<void> {
    const { world, calls } = this;
    const { guardian, time } = world;
    const { haste, onExit } = this.#setting;
    await this.awake();
    const ours = oursOf(world);
    const begun = time.now();
    const budget = this.#stopBudget(calls.pending.size > 0, ours);
    this.tell(`stop, with ${ours.map(({ session }) => session).join(', ') || 'nothing'} of ours`);
    let report: readonly ReportEntry[] | undefined;
    void guardian.stop('the end').then((given) => {
      report = given;
    });
    const from = world.points;
    let isHasty = false;
    await time.settle();
    while (report === undefined) {
      if (!isHasty && haste !== undefined && world.points - from >= haste) {
        isHasty = true;
        guardian.force();
        await time.settle();
      } else if (!(await this.step(begun + budget))) break;
    }
    this.stopMs = time.now() - begun;
    if (report === undefined) {
      const open = guardian.open.map(({ kind, id }) => `${kind} ${id}`).join(', ');
      throw new Violation('stop() is bounded', `it is not over after ${budget} ms; open: ${open}`);
    }
    // What is due in this very moment still is.
    while (await this.step(time.now()));
    nothingOpen(world, calls);
    await this.run(aftermath);
    if (onExit !== 'leave') seenTo(ours, report, isHasty ? 'suspend' : onExit);
  }

  /** FAULTS: 10 s; where a start has to be waited for, or an end, as long as that may take (README). */
  /** As long as the charts wait, for a start and for what is terminated longer; and what closing takes. */
  #stopBudget(isCalled: boolean, ours: readonly Entry[]): number {
    if (isCalled || ours.some(({ state = 'STARTING' }) => state === 'STARTING')) return 26_000;
    // A shared desktop cannot be suspended.
    const endsOne = ours.some(({ session }) => session.includes('XSHAD'));
    return this.#setting.onExit === 'terminate' || endsOne ? 16_000 : 10_000;
  }

  /** A process that stands still does nothing. */
  async awake(): Promise<void> {
    while (this.world.time.isStalled && (await this.step()));
  }
}

function lineOf([at, told]: readonly [number, string | object]): string {
  return `${at.toFixed(1).padStart(9)} ${typeof told === 'string' ? told : eventOf(told)}`;
}

/** Without its time on the wall; and markers are drawn from the system's chance. */
const eventOf = (record: object) =>
  JSON.stringify({ ...record, v: undefined, time: undefined }).replace(/[0-9a-f]{32}/g, 'MARKER');
