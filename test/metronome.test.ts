import { expect, test } from 'vitest';
import { createActor, createMachine } from 'xstate';
import type { Clock } from '../src/clock.js';
import { metronome } from '../src/metronome.js';
import { Scope } from '../src/scope.js';
import type { World } from '../src/world.js';

/** A clock whose timers ring a fraction of a millisecond early, as Node's do. */
function hastyClock() {
  let now = 0;
  let armed: { at: number; fn: () => void } | undefined;
  const clock: Clock = {
    now: () => now,
    setTimeout: (fn, ms) => {
      armed = { at: now + Math.max(1, Math.trunc(ms)) - 0.4, fn };
      return armed;
    },
    clearTimeout: () => {
      armed = undefined;
    },
  };
  const advanceTo = (end: number) => {
    while (armed && armed.at <= end) {
      const { at, fn } = armed;
      now = at;
      armed = undefined;
      fn();
    }
    now = end;
  };
  return { clock, advanceTo, isArmed: () => armed !== undefined };
}

test('a timer that rings early is no tick of its own: one tick an interval', () => {
  const { clock, advanceTo, isArmed } = hastyClock();
  const world = { clock, sinceBoot: clock.now, scope: new Scope(clock.now) } as unknown as World;
  const ticks: number[] = [];
  const parent = createMachine({
    invoke: { src: metronome(world), input: { profile: 'p', intervalMs: 5_000, offsetMs: 0 } },
    on: { '*': { actions: ({ event }) => ticks.push(Math.round(event.at)) } },
  });
  const actor = createActor(parent).start();
  advanceTo(20_100);
  expect(isArmed()).toBe(true);
  actor.stop();
  expect(isArmed()).toBe(false);
  expect(ticks).toEqual([5_000, 10_000, 15_000, 20_000]);
});
