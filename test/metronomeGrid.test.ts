import { expect, test } from 'vitest';
import { createActor, createMachine } from 'xstate';
import { metronome } from '../src/metronome.js';
import { Scope } from '../src/scope.js';
import type { World } from '../src/world.js';
import { manualClock } from './support/manualClock.js';

/** A metronome of five seconds, and what it told: a tick by its time, a wake by its gap. */
function aMetronome(offsetMs = 0) {
  const time = manualClock();
  const scope = new Scope(time.clock.now);
  let asleepMs = 0;
  const sinceBoot = () => time.clock.now() + asleepMs;
  const world = { clock: time.clock, sinceBoot, scope } as unknown as World;
  const told: string[] = [];
  const parent = createMachine({
    invoke: { src: metronome(world), input: { profile: 'p', intervalMs: 5_000, offsetMs } },
    on: {
      'clock.ticked': { actions: ({ event }) => void told.push(`tick ${event.at}`) },
      'clock.woke': { actions: ({ event }) => void told.push(`woke ${event.gapMs}`) },
    },
  });
  const actor = createActor(parent).start();
  /** The machine sleeps: the monotonic clock stands still, the time since boot does not. */
  const sleep = (ms: number) => {
    asleepMs += ms;
  };
  return { ...time, scope, actor, sleep, news: () => told.splice(0) };
}

test('each tick is an interval after the one before, the first one at its offset', () => {
  const { pass, news } = aMetronome(700);
  pass(5_650);
  expect(news()).toEqual([]);
  pass(15_050);
  expect(news()).toEqual(['tick 5700', 'tick 10700', 'tick 15700', 'tick 20700']);
});

test('late ticks do not add up: each is due on the grid, however late the one before was', () => {
  const { pass, stall, news } = aMetronome();
  for (let n = 1; n <= 100; n += 1) {
    pass(4_970 - (n > 1 ? 20 : 0));
    stall(50);
    pass(0);
    expect(news()).toEqual([`tick ${n * 5_000 + 20}`]);
  }
});

test('ticks missed in a short stall are one tick, and no wake', () => {
  const { pass, stall, news } = aMetronome();
  stall(14_000);
  pass(1_000);
  expect(news()).toEqual(['tick 14000', 'tick 15000']);
});

test('a stall of more than two intervals is a wake, then the grid goes on', () => {
  const { pass, stall, news } = aMetronome();
  pass(5_000);
  news();
  stall(62_000);
  pass(3_000);
  expect(news()).toEqual(['woke 57000', 'tick 67000', 'tick 70000']);
});

test('a sleep of the machine is a wake although the monotonic clock stood still', () => {
  const { pass, sleep, news } = aMetronome();
  pass(7_000);
  news();
  sleep(600_000);
  pass(3_000);
  expect(news()).toEqual(['woke 600000', 'tick 10000']);
  pass(5_000);
  expect(news()).toEqual(['tick 15000']);
});

test('a clock that seems to run backwards is no wake', () => {
  const { pass, sleep, news } = aMetronome();
  sleep(-86_400_000);
  pass(10_000);
  expect(news()).toEqual(['tick 5000', 'tick 10000']);
});

test('when it ends no timer is left, and its scope knows', async () => {
  const { actor, armed, scope, pass, news } = aMetronome();
  expect(scope.open).toEqual([{ kind: 'timer', id: 'metronome p' }]);
  actor.stop();
  await Promise.resolve();
  expect(armed()).toBe(0);
  expect(scope.open).toEqual([]);
  pass(60_000);
  expect(news()).toEqual([]);
});

test('a beat that outlived its actor is ended by the scope', async () => {
  const { armed, scope } = aMetronome();
  await scope.close();
  expect(armed()).toBe(0);
});
