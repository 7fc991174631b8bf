/** The test kit of apps: a world that is simulated, in a few lines. */
import { expect, test } from 'vitest';
import { SimulatedWorld } from '../../src/testing/index.js';

test('the line drops in the middle of a start: what was begun is taken back, and it starts again', async () => {
  const world = new SimulatedWorld({ seed: 7 });
  await world.guardian.start();
  const started = world.guardian.startSession('office', { kind: 'application', command: 'xterm' });
  await world.until('session.progress', ({ phase }) => phase === 'agent');
  world.server().cut();
  const session = await world.finish(started);
  expect(session.state).toBe('running');
  await world.finish(world.guardian.stop());
  expect(world.guardian.open).toEqual([]);
  expect(world.time.pending('guardian')).toBe(0);
  console.log(world.time.now(), world.points, world.events.map((e) => e.event).join(' '));
});
