/** The test kit of apps: what its users write, and what its parts promise. */
import { describe, expect, test } from 'vitest';
import { createGuardian } from '../../src/index.js';
import { Random, SimulatedTime, SimulatedWorld, until } from '../../src/testing/index.js';

test('the line drops in the middle of a start: what was begun is taken back, and it starts again', async () => {
  const world = new SimulatedWorld({ seed: 7 });
  await world.guardian.start();
  const started = world.guardian.startSession('office', { kind: 'application', command: 'xterm' });
  await world.until('session.progress', ({ phase }) => phase === 'agent');
  world.server().cut();
  const session = await world.finish(started);
  expect(session.state).toBe('running');
  expect(world.server().sessions.list()).toMatchObject([{ session: session.id, status: 'R' }]);
  await world.finish(world.guardian.stop());
  expect(world.guardian.open).toEqual([]);
  expect(world.time.pending('guardian')).toBe(0);
});

test('a call that takes too long ends by the simulated time, not by the real one', async () => {
  const world = new SimulatedWorld();
  world.server().door = 'down';
  await world.guardian.start();
  const began = performance.now();
  const connecting = world.guardian.connect('office', { timeout: 45_000 });
  await expect(world.finish(connecting)).rejects.toMatchObject({ code: 'call.timedOut' });
  expect(world.time.now()).toBeGreaterThanOrEqual(45_000);
  expect(world.time.now()).toBeLessThan(46_000);
  expect(performance.now() - began).toBeLessThan(20_000);
  await world.finish(world.guardian.stop());
});

test('what does not come within its time is an error that names it', async () => {
  const world = new SimulatedWorld();
  await world.guardian.start();
  await expect(world.until('session.started', () => true, 5_000)).rejects.toThrow(
    'There was no session.started within 5000 simulated ms',
  );
  await world.finish(world.guardian.stop());
});

test('a start that was slow and is taken back begins nothing later', async () => {
  const world = new SimulatedWorld();
  world.server().plant('x2gostartagent', { kind: 'slow', ms: 9_000 });
  await world.guardian.start();
  const giveUp = new AbortController();
  const { signal } = giveUp;
  const starting = world.guardian.startSession(
    'office',
    { kind: 'application', command: 'xterm' },
    { signal },
  );
  starting.catch(() => undefined);
  await world.run(1_000);
  giveUp.abort();
  await expect(world.finish(starting)).rejects.toMatchObject({ code: 'call.aborted' });
  await world.run(60_000);
  expect(world.server().sessions.list()).toEqual([]);
  await world.finish(world.guardian.stop());
});

describe('until', () => {
  test('gives the next event that is as wanted', async () => {
    const guardian = createGuardian({ journal: false });
    const told = until(guardian, 'guardian.terminating', { where: ({ reason }) => reason === 'enough' });
    await guardian.start();
    await guardian.stop('enough');
    expect(await told).toMatchObject({ event: 'guardian.terminating', reason: 'enough' });
  });

  test('does not wait for ever', async () => {
    const guardian = createGuardian({ journal: false });
    await expect(until(guardian, 'guardian.started', { timeout: 1 })).rejects.toMatchObject({
      code: 'call.timedOut',
    });
  });
});

describe('simulated time', () => {
  test('a process that stands still hears nothing, and everything at once when it goes on', async () => {
    const time = new SimulatedTime();
    const rung: string[] = [];
    const ring = (name: string) => () => void rung.push(`${name} ${time.now()}`);
    time.clock.setTimeout(ring('ours'), 10);
    time.after('elsewhere', 20, ring('theirs'));
    time.stall(100);
    while (await time.step());
    expect(rung).toEqual(['theirs 20', 'ours 100']);
  });

  test('a timer that was taken back does not ring', async () => {
    const time = new SimulatedTime();
    const timer = time.clock.setTimeout(() => expect.fail('it rang'), 10);
    time.clock.clearTimeout(timer);
    expect(await time.step()).toBe(false);
    expect(time.pending('guardian')).toBe(0);
  });
});

test('a seed gives the same numbers, and another one others', () => {
  const numbers = (seed: number) => {
    const random = new Random(seed);
    return Array.from({ length: 20 }, () => random.next());
  };
  expect(numbers(1)).toEqual(numbers(1));
  expect(numbers(1)).not.toEqual(numbers(2));
  expect(numbers(1).every((number) => number >= 0 && number < 1)).toBe(true);
});
