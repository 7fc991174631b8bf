import { expect, test } from 'vitest';
import { Scope } from '../../src/scope.js';
import { runUnframedOwned } from '../../src/ssh/owned.js';
import type { World } from '../../src/world.js';
import { manualClock } from '../support/manualClock.js';
import { earsOf } from './support/earsOf.js';
import { fakeChannel } from './support/fakeChannel.js';

const script = { name: 'The start', marker: 'm', text: 'exec x2gostartagent\n', deadlineMs: 30_000 };
const turn = () => new Promise((resolve) => setImmediate(resolve));

test('a script that ends with its scope is listened to no more, and neither is its haste', async () => {
  const { clock, armed } = manualClock();
  const { channel, seen } = fakeChannel();
  const scope = new Scope(clock.now);
  const line = { open: async () => ({ channel, free: () => undefined }) };
  const world = { clock, scope, connections: new Map([['office', line]]) } as unknown as World;
  const office = scope.of('office');
  const ears = earsOf(office);
  const { signal } = new AbortController();
  const enough = { ...script, isEnough: (text: string) => text.includes('session') };
  const run = runUnframedOwned(world, 'office', enough, signal);
  await turn();
  expect(scope.open).toEqual([{ kind: 'channel', id: 'm' }]);
  const closed = office.close();
  await turn();
  expect(ears()).toBe(1);
  channel.push('session');
  expect(await run).toMatchObject({ text: 'session', error: { code: 'command.aborted' } });
  await closed;
  expect([ears(), armed(), seen.closes, scope.open]).toEqual([0, 0, 1, []]);
});
