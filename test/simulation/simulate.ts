/** One simulated life from one seed: what happens, what is told, and whether all of it holds. */
import { Random } from '../../src/testing/index.js';
import { Violation } from './invariants.js';
import { type Breakage, Life, type Setting } from './life.js';
import { anySteps, type Step } from './steps.js';

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

export async function simulate({ seed, setting, steps }: Plan, broken: Breakage = {}): Promise<Run> {
  const life = new Life(seed, setting, broken);
  const { world } = life;
  let violation: Violation | undefined;
  try {
    await world.guardian.start();
    for (const { points, ms, at, action } of steps) {
      await life.run(ms, points);
      await life.act(action, at);
    }
    if (setting.calm) await life.calmDown();
    await life.end();
  } catch (cause) {
    violation = cause instanceof Violation ? cause : new Violation('the simulation runs', String(cause));
    if (!(cause instanceof Violation) && cause instanceof Error) life.tell(cause.stack ?? '');
    life.tell(`BROKEN ${violation.message}`);
    world.guardian.force();
  }
  return { trace: () => life.trace(), violation, stopMs: life.stopMs, lifeMs: world.time.now() };
}
