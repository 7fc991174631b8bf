import { expect, test } from 'vitest';
import { createActor, setup } from 'xstate';
import { evidence } from '../machines/support/coverage.js';
import { tableOf } from './table.js';

/** A chart with one of each: a guard that is asked both ways or not, what is never taken, and where nobody comes. */
const gate = setup({
  types: { events: {} as { type: 'pushed'; hard: boolean } | { type: 'locked' | 'burned' } },
  guards: { hard: ({ event }) => event.type === 'pushed' && event.hard, always: () => true },
}).createMachine({
  id: 'gate',
  initial: 'shut',
  states: {
    shut: { on: { pushed: { guard: 'hard', target: 'ajar' }, burned: 'gone' } },
    ajar: { always: { guard: 'always', target: 'open' } },
    open: { on: { locked: 'shut' } },
    gone: {},
  },
});
const seen = () =>
  Object.fromEntries(
    [...evidence].map(([id, { taken, refused, entered }]) => [
      id,
      { taken: [...taken], refused: [...refused], entered: [...entered] },
    ]),
  );

test('what no actor did is in the table, by name; what one did is not, whoever made it', () => {
  const actor = createActor(gate).start();
  actor.send({ type: 'pushed', hard: true });
  expect(tableOf([seen()], [gate]).text.split('\n').slice(1)).toEqual([
    expect.stringMatching(/^gate +4 \/ 5 {2}80 % +2 \/ 4 {2}50 % +0 \/ 2 {2}0 %$/),
    'never entered: gate.gone',
    'never taken: gate.shut: burned -> gate.gone',
    'never taken: gate.open: locked -> gate.shut',
    'its guard never said no: gate.shut: pushed -> gate.ajar',
    'its guard never said no: gate.ajar: always -> gate.open',
  ]);
  actor.send({ type: 'locked' });
  actor.send({ type: 'pushed', hard: false });
  actor.send({ type: 'burned' });
  expect(tableOf([seen()], [gate])).toMatchObject({
    missing: 1,
    text: expect.stringMatching(/\nits guard never said no: gate.ajar: always -> gate.open$/),
  });
});

test('runs add up', () => {
  const run = (...taken: string[]) => ({ gate: { taken, refused: [], entered: [] } });
  const both = [run('gate.shut: burned -> gate.gone'), run('gate.open: locked -> gate.shut')];
  expect(tableOf(both, [gate]).text).toContain('2 / 4  50 %');
});
