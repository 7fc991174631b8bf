/** A state watch over a channel which the test has in its hands: what it leaves behind, and when. */
import { expect, test } from 'vitest';
import { createActor, createMachine } from 'xstate';
import { Scope } from '../../src/scope.js';
import { stateWatch } from '../../src/ssh/stateWatch.js';
import type { World } from '../../src/world.js';
import { manualClock } from '../support/manualClock.js';
import { earsOf } from './support/earsOf.js';
import { fakeChannel } from './support/fakeChannel.js';

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** A watch that has asked for its channel; `grant` gives it one. */
function asked() {
  const { clock, pass, armed } = manualClock();
  const scope = new Scope(clock.now);
  const told: string[] = [];
  const { channel, seen } = fakeChannel();
  let grant = () => {};
  const granted = new Promise<void>((resolve) => {
    grant = resolve;
  });
  let frees = 0;
  const open = () => granted.then(() => ({ channel, free: () => void frees++ }));
  const world = { clock, scope, connections: new Map([['office', { open }]]) } as unknown as World;
  const actor = createActor(
    createMachine({
      invoke: {
        src: stateWatch(world) as never,
        input: { profile: 'office', idlePaceMs: 2_000, busyPaceMs: 200 } as never,
      },
      on: { '*': { actions: ({ event }) => told.push(event.type) } },
    }),
  ).start();
  const ears = earsOf(scope.of('office'));
  return {
    grant,
    channel,
    seen,
    told,
    stop: () => actor.stop(),
    scope,
    pass,
    armed,
    ears,
    frees: () => frees,
  };
}

/** One that is under way: its loop has answered the first tick. */
async function underWay() {
  const watch = asked();
  const { channel, seen, armed } = watch;
  watch.grant();
  await turn();
  expect(armed()).toBe(1);
  const [marker] = /[0-9a-f]{32}/.exec(seen.written) ?? [];
  channel.push(`${marker} begin 0\n`);
  await turn();
  // One answer is waited for: that of the tick, not that to the script as well.
  expect([watch.told, armed()]).toEqual([['watch.opened'], 1]);
  channel.push('t 1\n');
  await turn();
  expect(armed()).toBe(1);
  return watch;
}

test('between two ticks nothing but the next one is waited for', async () => {
  const { seen, channel, pass, armed } = await underWay();
  pass(2_000);
  expect(seen.written).toMatch(/\n2 \n$/);
  expect(armed()).toBe(1);
  channel.push('t 2\n');
  await turn();
  expect(armed()).toBe(1);
});

test('a watch that is stopped sets no timer any more, and ends its loop by the end of its stdin', async () => {
  const { channel, stop, seen, told, armed, ears } = await underWay();
  stop();
  expect([channel.writableEnded, channel.listenerCount('data'), seen.closes]).toEqual([true, 0, 0]);
  expect([armed(), ears()]).toEqual([1, 1]);
  channel.emit('close');
  await turn();
  expect([armed(), ears(), told]).toEqual([0, 0, ['watch.opened']]);
});

test('a loop that does not end by itself within half a second is cut', async () => {
  const { stop, seen, pass, armed, ears } = await underWay();
  stop();
  pass(500);
  expect([seen.closes, armed(), ears()]).toEqual([1, 0, 0]);
});

test('a hurry cuts it at once', async () => {
  const { stop, scope, seen, armed } = await underWay();
  stop();
  scope.hurry();
  expect([seen.closes, armed()]).toEqual([1, 0]);
});

test('a channel that is granted when nobody wants it any more is let go', async () => {
  const { grant, channel, stop, told, seen, armed } = asked();
  stop();
  grant();
  await turn();
  expect([channel.destroyed, seen.written, told, armed()]).toEqual([true, '', [], 0]);
});

test('a channel that fails is the end of the watch: it is told, let go, and its place is free', async () => {
  const { channel, told, seen, scope, pass, armed, frees } = await underWay();
  channel.emit('error', new Error('planted'));
  expect(told).toEqual(['watch.opened', 'watch.failed']);
  expect(channel.writableEnded).toBe(true);
  pass(500);
  expect([seen.closes, armed()]).toEqual([1, 0]);
  channel.emit('close');
  await turn();
  expect([frees(), scope.open, told.length]).toEqual([1, [], 2]);
});
