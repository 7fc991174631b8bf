import { once } from 'node:events';
import { expect, test } from 'vitest';
import type { Connection } from '../../src/ssh/connection.js';
import { openOnward } from '../../src/ssh/hopStream.js';
import { fakeChannel } from './support/fakeChannel.js';

async function leading() {
  const { channel, seen } = fakeChannel();
  const hop = { openDirect: async () => channel } as unknown as Connection;
  return { stream: await openOnward(hop, 'inner', 22), channel, seen };
}

test('what is over on one side ends the other', async () => {
  const { stream, channel, seen } = await leading();
  stream.end('last');
  await once(stream, 'finish');
  expect([seen.written, channel.writableEnded]).toEqual(['last', true]);
  channel.push(null);
  await once(stream.resume(), 'close');
  expect(seen.closes).toBe(1);
});

test('a channel that fails is the failure of what runs over it, and is closed', async () => {
  const { stream, channel, seen } = await leading();
  const failed = once(stream, 'error');
  channel.emit('error', new Error('planted'));
  expect(await failed).toMatchObject([{ message: 'planted' }]);
  expect([stream.destroyed, seen.closes]).toEqual([true, 1]);
});

test('whoever lets go of it closes the channel', async () => {
  const { stream, seen } = await leading();
  stream.destroy();
  expect(seen.closes).toBe(1);
});

test('what its channel never took is waited for no longer than the channel', async () => {
  const { stream, channel } = await leading();
  Object.assign(channel, { write: () => false });
  const written = new Promise((resolve) => stream.write('for nobody', resolve));
  channel.emit('close');
  await written;
});
