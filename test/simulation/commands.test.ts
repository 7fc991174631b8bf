/** What an app's user can know and do, as a model of its own, held against the whole guardian in a simulated world. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Life } from './life.js';
import type { Action } from './steps.js';

/** What the user believes. A fault that nobody took back makes all of it uncertain. */
interface Model {
  /** What was planted and not healed. */
  faults: Set<string>;
  wanted: 'connected' | 'disconnected';
  /** Sessions that the user started here, by what became of them as far as the user knows. */
  mine: Map<string, 'running' | 'suspended' | 'unknown'>;
}
type Real = Life;

const profile = 'p0';
const order = { kind: 'application', command: 'xterm', sound: false } as const;
const settles = 200_000;

abstract class Command implements fc.AsyncCommand<Model, Real> {
  constructor(
    readonly nth: number,
    readonly ms: number,
  ) {}
  abstract readonly name: string;
  check(_: Readonly<Model>): boolean {
    return true;
  }
  async run(model: Model, life: Real): Promise<void> {
    await this.happen(model, life);
    await life.run(this.ms);
  }
  abstract happen(model: Model, life: Real): Promise<void>;
  toString(): string {
    return `${this.name}(${this.nth}, ${this.ms} ms)`;
  }
}

const isCertain = ({ faults, wanted }: Readonly<Model>) => faults.size === 0 && wanted === 'connected';
const mineOf = (model: Readonly<Model>, nth: number) =>
  [...model.mine.keys()][nth % Math.max(1, model.mine.size)];
const truth = (life: Life, session: string) => life.world.server(profile).sessions.get(session);

/** Lets the call come to its end, with everything checked on the way. What it was refused with, else nothing. */
async function outcome(life: Life, call: Promise<unknown>): Promise<unknown> {
  let refusal: unknown;
  let isSettled = false;
  call.then(
    () => {
      isSettled = true;
    },
    (cause) => {
      isSettled = true;
      refusal = cause;
    },
  );
  const end = life.world.time.now() + settles;
  await life.world.time.settle();
  while (!isSettled && (await life.step(end)));
  expect(isSettled).toBe(true);
  return refusal;
}

class Connect extends Command {
  readonly name = 'connect';
  async happen(model: Model, life: Real) {
    const refusal = await outcome(life, life.world.guardian.connect(profile, { timeout: 60_000 }));
    model.wanted = 'connected';
    if (model.faults.size === 0) {
      expect(refusal).toBe(undefined);
      expect(life.world.guardian.profiles()[0]?.state).toMatch(/^(connected|degraded)$/);
    }
  }
}

class Disconnect extends Command {
  readonly name = 'disconnect';
  async happen(model: Model, life: Real) {
    expect(await outcome(life, life.world.guardian.disconnect(profile, { timeout: 60_000 }))).toBe(undefined);
    model.wanted = 'disconnected';
    // The sessions we run are suspended first, where there was a line for it.
    for (const [session, fate] of model.mine) if (fate === 'running') model.mine.set(session, 'unknown');
    // Viewers have three seconds to end, then the line says goodbye, for a second at most.
    await life.run(4_500);
    expect(life.world.server(profile).lines.size).toBe(0);
  }
}

class Start extends Command {
  readonly name = 'start';
  override check(model: Readonly<Model>) {
    return model.mine.size < 4;
  }
  async happen(model: Model, life: Real) {
    let session: string | undefined;
    const started = life.world.guardian.startSession(profile, order).then(({ id }) => {
      session = id;
    });
    const refusal = await outcome(life, started);
    if (session !== undefined) model.mine.set(session, isCertain(model) ? 'running' : 'unknown');
    if (!isCertain(model)) return;
    expect(refusal).toBe(undefined);
    expect(truth(life, session ?? '')).toMatchObject({ agentAlive: true, shown: true });
  }
}

/** With one of the sessions that were started here. */
abstract class WithMine extends Command {
  override check(model: Readonly<Model>) {
    return model.mine.size > 0;
  }
  mine(model: Model): string {
    return mineOf(model, this.nth) ?? '';
  }
}

/** What is asked of the guardian; afterwards the server has done it. */
abstract class Asked extends WithMine {
  abstract ask(guardian: Life['world']['guardian'], session: string): Promise<unknown>;
  /** What the user takes it for when nothing came between; undefined: it is gone. */
  abstract readonly becomes: 'running' | 'suspended' | undefined;
  abstract readonly truth: object;
  async happen(model: Model, life: Real) {
    const session = this.mine(model);
    const isSure = isCertain(model) && model.mine.get(session) !== 'unknown';
    const refusal = await outcome(life, this.ask(life.world.guardian, session));
    if (this.becomes === undefined) model.mine.delete(session);
    else model.mine.set(session, isSure ? this.becomes : 'unknown');
    if (!isSure) return;
    expect(refusal).toBe(undefined);
    expect(truth(life, session)).toMatchObject(this.truth);
  }
}

class Suspend extends Asked {
  readonly name = 'suspend';
  readonly becomes = 'suspended';
  readonly truth = { agentAlive: true, shown: false, record: { status: 'S' } };
  ask(guardian: Life['world']['guardian'], session: string) {
    return guardian.suspendSession(profile, session);
  }
}

class Resume extends Asked {
  readonly name = 'resume';
  readonly becomes = 'running';
  readonly truth = { agentAlive: true, shown: true };
  ask(guardian: Life['world']['guardian'], session: string) {
    return guardian.resumeSession(profile, session, { sound: false });
  }
}

class Terminate extends Asked {
  readonly name = 'terminate';
  readonly becomes = undefined;
  readonly truth = { agentAlive: false, listed: false };
  ask(guardian: Life['world']['guardian'], session: string) {
    return guardian.terminateSession(profile, session);
  }
}

/** Somebody else does it, at once; the user hears of it when it has come about. */
class Elsewhere extends WithMine {
  readonly name = 'elsewhere';
  async happen(model: Model, life: Real) {
    const session = this.mine(model);
    const verb = (['suspend', 'resume', 'terminate'] as const)[this.nth % 3] ?? 'suspend';
    const { agentAlive, state } = truth(life, session);
    if (agentAlive && state !== 'STARTING') life.world.server(profile).sessions[verb](session);
    if (verb === 'terminate') model.mine.delete(session);
    else model.mine.set(session, 'unknown');
  }
}

class Happens extends Command {
  constructor(
    nth: number,
    ms: number,
    readonly name: string,
    readonly action: Action,
    readonly isFault: boolean,
  ) {
    super(nth, ms);
  }
  async happen(model: Model, life: Real) {
    await life.act(this.action);
    await life.awake();
    if (this.isFault) model.faults.add(this.name);
    // Sessions whose line or viewer broke come back, if nothing is in the way: in a while.
    for (const session of model.mine.keys()) model.mine.set(session, 'unknown');
  }
}

/** All is well, and so long that everything has come to rest: then what is known is certain again. */
class Heal extends Command {
  readonly name = 'heal';
  async happen(model: Model, life: Real) {
    if (model.wanted === 'disconnected') return;
    await life.calmDown();
    model.faults.clear();
    for (const session of model.mine.keys()) {
      const { state } = life.world.guardian.session(profile, session);
      const isShown = [...life.world.viewers.alive].some((run) => run.session === session);
      if (state === 'terminated') model.mine.delete(session);
      else if (state === 'suspended') model.mine.set(session, 'suspended');
      else model.mine.set(session, state === 'running' && isShown ? 'running' : 'unknown');
    }
  }
}

const nth = fc.nat({ max: 5 });
const ms = fc.constantFrom(0, 50, 700, 3_000, 12_000);
const ours = [Connect, Disconnect, Start, Start, Suspend, Resume, Resume, Terminate, Elsewhere, Heal].map(
  (Made) => fc.tuple(nth, ms).map(([n, after]) => new Made(n, after) as Command),
);
const faults: readonly (readonly [string, Action, boolean])[] = [
  ['cut', { do: 'cut' }, false],
  ['kill the viewer', { do: 'killViewer' }, false],
  ['silence', { do: 'silence' }, true],
  ['down', { do: 'down' }, true],
  ['fill the disk', { do: 'fillDisk' }, false],
  ['step the clock', { do: 'stepClock', ms: -86_400_000 }, false],
  ['sleep', { do: 'sleep', ms: 600_000 }, false],
  ['stand still', { do: 'stall', ms: 8_000 }, false],
  ['listings hang', { do: 'plant', command: 'x2golistsessions', wrong: 'hang' }, true],
  ['starts fail', { do: 'plant', command: 'x2gostartagent', wrong: 'fail' }, true],
];
const happens = faults.map(([name, action, isFault]) =>
  fc.tuple(nth, ms).map(([n, after]) => new Happens(n, after, name, action, isFault) as Command),
);

const isLong = process.env.LONG !== undefined;
const longest = isLong ? 50 : 20;
/** The same ones each time, but with LONG=1. */
const runs = isLong ? { numRuns: 2_000 } : { numRuns: 200, seed: 5 };

test(
  'whatever a user does, and whatever happens meanwhile: what was promised is so, and nothing is left at the end',
  async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(),
        fc.constantFrom('suspend' as const, 'terminate' as const, 'leave' as const),
        fc.commands([...ours, ...happens], { maxCommands: longest, size: 'max' }),
        async (seed, onExit, commands) => {
          const life = new Life(seed, {
            profiles: 1,
            onExit,
            recoverSessions: true,
            stateWatch: seed % 2 === 0,
            registers: true,
            found: seed % 3,
            calm: true,
          });
          await life.world.guardian.start();
          const model: Model = { faults: new Set(), wanted: 'connected', mine: new Map() };
          await fc.asyncModelRun(() => ({ model, real: life }), commands);
          await life.end();
        },
      ),
      runs,
    );
  },
  isLong ? 3_600_000 : 300_000,
);
