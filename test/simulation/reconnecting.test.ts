/** Who disconnects and connects at once, over a whole guardian. */
import { expect, test } from 'vitest';
import { SimulatedWorld } from '../../src/testing/index.js';

test('connect() during a disconnect() that sees to sessions waits for it, and connects', async () => {
  const world = new SimulatedWorld({ seed: 22 });
  const { guardian } = world;
  await guardian.start();
  await world.finish(guardian.connect('office'));
  await world.finish(
    guardian.startSession('office', { kind: 'application', command: 'xterm', sound: false }),
  );
  const order: string[] = [];
  const disconnecting = guardian.disconnect('office').then(() => order.push('disconnected'));
  const connecting = guardian.connect('office').then(() => order.push('connected'));
  await world.finish(Promise.all([disconnecting, connecting]));
  expect(order).toEqual(['disconnected', 'connected']);
  expect(guardian.profiles()).toMatchObject([{ state: 'connected' }]);
  await world.run(60_000);
  expect(guardian.profiles()).toMatchObject([{ state: 'connected' }]);
  await world.finish(guardian.stop());
});

test('the new line is opened when the old one has said goodbye', async () => {
  const world = new SimulatedWorld({ seed: 1842 });
  const { guardian } = world;
  await guardian.start();
  await world.finish(guardian.connect('office'));
  await world.finish(guardian.disconnect('office'));
  // The goodbye is on its way.
  expect(world.server().lines.size).toBe(1);
  const before: number[] = [];
  guardian.on('profile.connecting', () => void before.push(world.server().lines.size));
  await world.finish(guardian.connect('office'));
  expect(before).toEqual([0]);
  expect(world.server().lines.size).toBe(1);
  await world.finish(guardian.stop());
});
