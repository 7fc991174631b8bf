import type { ClientChannel } from 'ssh2';
import { expect, test } from 'vitest';
import { X2GoError } from '../../src/errors.js';
import { Scope } from '../../src/scope.js';
import { examine } from '../../src/ssh/examine.js';
import type { World } from '../../src/world.js';
import { manualClock } from '../support/manualClock.js';
import { fakeChannel } from './support/fakeChannel.js';

const refused = new X2GoError('channel.refused', 'planted');

/** A server that grants the way to its ports and nothing else. */
function aServer(openDirect: () => Promise<ClientChannel>) {
  const { clock, pass, armed } = manualClock();
  const line = {
    open: () => Promise.reject(refused),
    openDirect,
    forwards: { try: () => Promise.reject(refused) },
  };
  const scope = new Scope(clock.now);
  const world = { clock, scope, connections: new Map([['office', line]]) } as unknown as World;
  return { look: () => examine(world, 'office', 10_000, new AbortController().signal), scope, pass, armed };
}

test('whoever listens where nobody should is hung up on at once', async () => {
  const { channel, seen } = fakeChannel();
  const { look, scope, armed } = aServer(async () => channel);
  expect(await look()).toMatchObject({
    examined: { ok: false, failure: { code: 'channel.refused' } },
    toHere: { code: 'channel.refused' },
  });
  expect([seen.closes, armed(), scope.open]).toEqual([1, 0, []]);
});

test('a server that answers nothing is waited for no longer than the deadline', async () => {
  const { look, pass, armed } = aServer(() => new Promise(() => undefined));
  const examination = look();
  await new Promise(setImmediate);
  expect(armed()).toBe(1);
  pass(10_000);
  expect(await examination).toMatchObject({ toServer: { code: 'command.timedOut' } });
  expect(armed()).toBe(0);
});
