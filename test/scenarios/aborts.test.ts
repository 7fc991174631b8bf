import { describe, expect, test } from 'vitest';
import type { CallOptions } from '../../src/index.js';
import { expectNothingShown, type Life, type LifeOptions, live } from '../support/life.js';
import { soon } from '../support/real/bounds.js';
import { eventually } from '../support/until.js';

/** A place where a call stands still until somebody gives it up. */
interface Hold {
  readonly options?: LifeOptions;
  readonly plant: (life: Life) => unknown;
  /** It is there. */
  readonly isThere: (life: Life) => boolean;
}

const serves = (verb: string) => (life: Life) => life.served(verb) > 0;
const progressed = (phase: string) => (life: Life) =>
  life.log.all('session.progress').some((record) => record.phase === phase);

const startHolds: Readonly<Record<string, Hold>> = {
  'waiting for a line': {
    options: { autoConnect: false },
    plant: () => undefined,
    isThere: () => true,
  },
  'in x2gostartagent': {
    plant: ({ emulator }) => emulator.faults.hang('x2gostartagent'),
    isThere: (life) => life.living().length > 0,
  },
  'while its script is not begun': {
    plant: ({ emulator }) => emulator.faults.hang('start'),
    isThere: serves('start'),
  },
  'while there is no picture': {
    plant: ({ viewer }) => {
      viewer.fault = 'neverUp';
    },
    isThere: progressed('proxy'),
  },
  'while its command is not executed': {
    plant: ({ emulator }) => emulator.faults.hang('run'),
    isThere: serves('run'),
  },
};

const resumeHolds: Readonly<Record<string, Hold>> = {
  'in x2goresume-session': {
    plant: ({ emulator }) => emulator.faults.hang('x2goresume-session'),
    isThere: serves('resume'),
  },
  'while its script is not begun': {
    plant: ({ emulator }) => emulator.faults.hang('resume'),
    isThere: serves('resume'),
  },
  'while there is no picture': {
    plant: ({ viewer }) => {
      viewer.fault = 'neverUp';
    },
    isThere: (life) => life.log.all('proxy.started').length > 0,
  },
};

const ways = ['a signal', 'a timeout'] as const;
const cases = (holds: Readonly<Record<string, Hold>>) =>
  Object.keys(holds).flatMap((name) => ways.map((way) => [name, way] as const));

/** Gives a call up in that place; the call rejects at once and by name. */
async function giveUp(
  life: Life,
  hold: Hold,
  way: (typeof ways)[number],
  call: (options: CallOptions) => Promise<unknown>,
): Promise<void> {
  await hold.plant(life);
  const controller = new AbortController();
  // Long enough to get there on a busy machine, short enough to be waited for.
  const outcome = call(way === 'a signal' ? { signal: controller.signal } : { timeout: 400 }).then(
    () => undefined,
    (cause: unknown) => ({ cause, at: performance.now() }),
  );
  if (way === 'a signal') await eventually('it is there', () => hold.isThere(life), soon(5_000));
  const at = performance.now();
  controller.abort();
  const rejected = await outcome;
  expect(rejected?.cause).toMatchObject({ code: way === 'a signal' ? 'call.aborted' : 'call.timedOut' });
  if (way === 'a signal') expect((rejected?.at ?? 0) - at).toBeLessThan(soon(100));
}

describe.concurrent('a start that is given up', () => {
  test.each(cases(startHolds))('%s by %s leaves nothing on the server', async (name, way) => {
    const hold = startHolds[name] as Hold;
    await using life = await live(hold.options);
    if (hold.options?.autoConnect !== false) await life.guardian.connect('office');
    await giveUp(life, hold, way, (options) => life.start({}, options));
    await life.emulator.faults.heal();
    await eventually('nothing of it lives there', () => life.living().length === 0, soon(10_000));
    await expectNothingShown(life);
    // Nothing of it comes later either.
    life.viewer.fault = undefined;
    await life.guardian.connect('office');
    const next = await life.start();
    expect(life.running()).toHaveLength(1);
    expect(life.viewer.shows).toEqual([next.id]);
  });

  test.each(['agent', 'tunnel', 'proxy', 'picture', 'command'] as const)(
    'the moment its phase %s is told leaves nothing on the server',
    async (phase) => {
      await using life = await live();
      const controller = new AbortController();
      life.guardian.on('session.progress', (record) => {
        if (record.phase === phase) controller.abort();
      });
      await expect(life.start({}, { signal: controller.signal })).rejects.toMatchObject({
        code: 'call.aborted',
      });
      await eventually('nothing of it lives there', () => life.living().length === 0, soon(10_000));
      await expectNothingShown(life);
    },
  );

  test('that two wait for goes on for the one who did not give up', async () => {
    await using life = await live();
    life.emulator.faults.slow('run', 200);
    const controller = new AbortController();
    const first = life.start({}, { signal: controller.signal });
    const { session } = await life.log.until('session.registered');
    const second = life.guardian.resumeSession('office', session, { sound: false });
    // Its request is on its way within this turn.
    await new Promise(setImmediate);
    controller.abort();
    await expect(first).rejects.toMatchObject({ code: 'call.aborted' });
    expect((await second).state).toBe('running');
    expect(life.viewer.shows).toEqual([session]);
  });
});

describe.concurrent('a resume that is given up', () => {
  test.each(cases(resumeHolds))('%s by %s leaves it suspended', async (name, way) => {
    await using life = await live();
    const session = await life.start();
    await session.suspend();
    const before = life.emulator.commandsServed.length;
    const seen = life.log.length;
    const since: Life = {
      ...life,
      served: (verb) => life.emulator.commandsServed.slice(before).filter((one) => one === verb).length,
      log: Object.assign(Object.create(life.log), {
        all: (event: never) => life.log.all(event, seen),
      }),
    };
    await giveUp(since, resumeHolds[name] as Hold, way, (options) =>
      session.resume({ sound: false }, options),
    );
    await life.emulator.faults.heal();
    await expectNothingShown(life);
    await eventually('it is asleep', () => life.running().length === 0, soon(10_000));
    await eventually('it is known to be', () => session.state === 'suspended', soon(10_000));
    life.viewer.fault = undefined;
    await session.resume({ sound: false });
    expect(life.viewer.shows).toEqual([session.id]);
  });
  test.each(ways)('while nobody knows yet whether it exists, by %s, is never begun', async (way) => {
    await using life = await live({
      autoUpdateListSessionsCache: true,
      refreshInterval: 60_000,
      timing: { listingDeadline: 800 },
    });
    await life.guardian.connect('office');
    const session = life.emulator.sessions.start();
    life.emulator.sessions.suspend(session);
    const hold: Hold = {
      plant: ({ emulator }) => emulator.faults.hang('survey'),
      isThere: (there) => there.served('survey') > 1,
    };
    await giveUp(life, hold, way, (options) =>
      life.guardian.resumeSession('office', session, { sound: false }, options),
    );
    await life.emulator.faults.heal();
    life.guardian.refresh('office');
    await life.log.until('cache.refreshed', undefined, { after: life.log.length });
    expect(life.served('resume')).toBe(0);
    expect(life.emulator.sessions.get(session).state).toBe('SUSPENDED');
  });
});
