/** One simulated life from one seed: what happens, what is told, and whether all of it holds. */
import { createHash } from 'node:crypto';
import type { ExitPolicy } from '../../machines/orders.js';
import type { ReportEntry } from '../../machines/vocabulary.js';
import { Random, type SimulatedOptions, SimulatedWorld } from '../../src/testing/index.js';
import { difference, nothingOpen, oursOf, seenTo } from './aftermath.js';
import { Calls } from './calls.js';
import { happen } from './happen.js';
import { Invariants, Violation } from './invariants.js';
import { anySteps, type Step } from './steps.js';

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
  readonly haste: number | undefined;
}
export interface Plan {
  readonly seed: number;
  readonly setting: Setting;
  readonly steps: readonly Step[];
}
export interface Run {
  /** Made when it is asked for. */
  readonly trace: () => readonly string[];
  readonly violation: Violation | undefined;
  /** How long stop() took, in simulated ms, and the whole life. */
  readonly stopMs: number;
  readonly lifeMs: number;
  readonly points: number;
}

export function planOf(seed: number, steps?: number): Plan {
  const random = new Random(seed * 2_654_435_761 + 1);
  const count = 4 + random.below(16);
  const setting: Setting = {
    profiles: random.chance(0.2) ? 2 : 1,
    onExit: random.chance(0.6) ? 'suspend' : random.pick(['terminate', 'leave'] as const),
    recoverSessions: random.chance(0.85),
    stateWatch: random.chance(0.6),
    registers: random.chance(0.85),
    found: random.below(3),
    calm: random.chance(0.35),
    haste: random.chance(0.15) ? random.below(12) : undefined,
  };
  return { seed, setting, steps: anySteps(random, steps ?? count) };
}

/** How long a life may take to become quiet: a take-over alone is waited for for two minutes. */
const patience = 240_000;
/** FAULTS: 10 s; where a start has to be waited for, or an end, as long as that may take (README). */
const stopBudget = (setting: Setting, isStarting: boolean) =>
  isStarting ? 26_000 : setting.onExit === 'terminate' ? 16_000 : 10_000;

/** `broken` breaks the world on purpose: a test of the invariants. */
export async function simulate(plan: Plan, broken: Partial<Breakage> = {}): Promise<Run> {
  const { seed, setting, steps } = plan;
  const trace: [at: number, told: string | object][] = [];
  const digest = createHash('sha256');
  const names = Array.from({ length: setting.profiles }, (_, n) => `p${n}`);
  const world = new SimulatedWorld({
    seed,
    profiles: names.map((id) => ({ id, host: `${id}.example.org`, user: 'alice' })),
    onExit: setting.onExit,
    recoverSessions: setting.recoverSessions,
    stateWatch: setting.stateWatch,
    autoUpdateListSessionsCache: setting.registers,
    autoUpdateSessionRegistry: setting.registers,
    autoRegisterSessions: setting.registers,
    ...(broken.ports === undefined ? {} : { ports: broken.ports }),
  });
  const tell = (told: string | object) => void trace.push([world.time.now(), told]);
  const calls = new Calls(tell);
  const invariants = new Invariants(world, calls, tell);
  broken.world?.(world);
  world.guardian.on('*', tell);
  for (const { sessions } of world.servers) for (let n = 0; n < setting.found; n += 1) sessions.start();

  let stopMs = 0;
  let violation: Violation | undefined;
  const step = async (until?: number): Promise<boolean> => {
    const went = await world.time.step(until);
    digest.update(`${world.time.now()};`);
    invariants.hold();
    return went;
  };
  const run = async (ms: number) => {
    const end = world.time.now() + ms;
    while (await step(end));
  };
  try {
    await world.guardian.start();
    for (const { points, ms, at, action } of steps) {
      const until = world.time.now() + ms;
      const from = world.points;
      while (world.points - from < points && (await step(until)));
      tell(`do ${JSON.stringify(action)} at ${at % names.length}`);
      attempt(() => happen(world, calls, names[at % names.length] ?? '', action));
      await world.time.settle();
      invariants.hold();
    }
    if (setting.calm) await calmDown();
    await end();
  } catch (cause) {
    violation = cause instanceof Violation ? cause : new Violation('the simulation runs', String(cause));
    if (!(cause instanceof Violation) && cause instanceof Error) tell(cause.stack ?? '');
    tell(`BROKEN ${violation.message}`);
    world.guardian.force();
  }
  tell(`${world.points} deliveries, ${digest.digest('hex').slice(0, 16)}`);
  return { trace: () => trace.map(lineOf), violation, stopMs, lifeMs: world.time.now(), points: world.points };

  /** All is well again: what is told has to become what is. */
  async function calmDown(): Promise<void> {
    tell('all is well again');
    world.viewers.fault = undefined;
    world.journal.full = false;
    for (const server of world.servers) server.heal();
    for (const id of names) {
      world.guardian.resumeRegistration(id);
    }
    const end = world.time.now() + patience;
    // What was asked for before is not overtaken.
    while ([...calls.pending.values()].some(({ what }) => what === 'disconnect') && (await step(end)));
    for (const id of names)
      calls.make('connect', (signal) => world.guardian.connect(id, { signal, timeout: 200_000 }));
    let differs: string | undefined = 'nothing was looked at';
    while (differs !== undefined && world.time.now() < end) {
      await run(4_000);
      differs = difference(world, invariants, calls, setting);
    }
    if (differs !== undefined) throw new Violation('what is told becomes what is', differs);
  }

  async function end(): Promise<void> {
    const { guardian, time } = world;
    const ours = oursOf(world);
    const isStarting = ours.some(({ state, alive }) => state === 'STARTING' || !alive);
    const begun = time.now();
    const pending = [...calls.pending.values()].map(({ what }) => what);
    const budget = stopBudget(setting, isStarting || pending.includes('start') || pending.length > 0);
    tell(`stop, with ${ours.map(({ session }) => session).join(', ') || 'nothing'} of ours`);
    let report: readonly ReportEntry[] | undefined;
    void guardian.stop('the end').then((given) => {
      report = given;
    });
    const from = world.points;
    let isHasty = false;
    await time.settle();
    while (report === undefined) {
      if (!isHasty && setting.haste !== undefined && world.points - from >= setting.haste) {
        isHasty = true;
        guardian.force();
        await time.settle();
        continue;
      }
      if (!(await step(begun + budget))) break;
    }
    stopMs = time.now() - begun;
    if (report === undefined)
      throw new Violation('stop() is bounded', `it is not over after ${budget} ms; open: ${openOf()}`);
    await time.settle();
    invariants.hold();
    nothingOpen(world, calls, report);
    // What was told to the servers has its effect by then, and an agent without a viewer gives up.
    await run(150_000);
    if (setting.onExit !== 'leave') seenTo(ours, report, isHasty ? 'leave' : setting.onExit);
  }

  function openOf(): string {
    return world.guardian.open.map(({ kind, id }) => `${kind} ${id}`).join(', ');
  }
}

export interface Breakage {
  readonly ports: NonNullable<SimulatedOptions['ports']>;
  readonly world: (world: SimulatedWorld) => void;
}

/** What a call refuses at once is its caller's affair. */
function attempt(act: () => void): void {
  try {
    act();
  } catch (cause) {
    if (!(cause instanceof Error) || cause.name !== 'X2GoError') throw cause;
  }
}

function lineOf([at, told]: readonly [number, string | object]): string {
  return `${at.toFixed(1).padStart(9)} ${typeof told === 'string' ? told : eventOf(told)}`;
}

/** Without its time on the wall; and markers are drawn from the system's chance. */
const eventOf = (record: object) =>
  JSON.stringify({ ...record, v: undefined, time: undefined }).replace(/[0-9a-f]{32}/g, 'MARKER');
