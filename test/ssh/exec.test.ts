import { expect, test } from 'vitest';
import { monotonicClock } from '../../src/clock.js';
import type { Connection } from '../../src/ssh/connection.js';
import { runScript } from '../../src/ssh/exec.js';
import { fakeChannel } from './support/fakeChannel.js';

const marker = 'a'.repeat(32);
const running = (deadlineMs = 10_000) => {
  const { channel, seen } = fakeChannel();
  const abort = new AbortController();
  let freed = 0;
  const free = () => {
    freed += 1;
  };
  const open = async () => ({ channel, free });
  const script = { name: 'The listing', marker, text: 'script\n', deadlineMs };
  const answer = runScript({ open } as unknown as Connection, monotonicClock, script, abort.signal);
  answer.catch(() => undefined);
  return { channel, seen, abort, answer, freed: () => freed };
};

test('an answer is complete with its end marker; the channel is closed and its place freed when it is', async () => {
  const { channel, seen, answer, freed } = running();
  channel.push(`noise\n${marker} begin 0\nrow\n`);
  channel.push(`\n${marker} e`);
  channel.push('nd 0\n');
  expect((await answer).text).toContain('row');
  expect(seen.written).toBe('script\n');
  expect(seen.closes).toBe(1);
  expect(channel.writableEnded).toBe(true);
  // What still comes is kept nowhere.
  expect(channel.listenerCount('data')).toBe(0);
  expect(freed()).toBe(0);
  channel.emit('close', 0);
  expect(freed()).toBe(1);
});

test('a shell that ends by itself has said what it had to say', async () => {
  const { channel, seen, answer } = running();
  channel.push('This account is currently not available.\n');
  await expect.poll(() => seen.written).toBe('script\n');
  await new Promise(setImmediate);
  channel.emit('close', 1);
  expect((await answer).text).toBe('This account is currently not available.\n');
});

test.each([undefined, null])(
  'a channel that closes with exit code %s was cut short: trying again may help',
  async (code) => {
    const { channel, seen, answer } = running();
    await expect.poll(() => seen.written).toBe('script\n');
    channel.emit('close', code);
    await expect(answer).rejects.toMatchObject({ code: 'ssh.closed', retryable: true });
  },
);

test('an answer of more than 1 MiB is refused and the channel closed', async () => {
  const { channel, seen, answer } = running();
  for (let n = 0; n < 17; n += 1) channel.push(Buffer.alloc(64 * 1024, 'x'));
  await expect(answer).rejects.toMatchObject({ code: 'command.tooLong' });
  expect(seen.closes).toBe(1);
});

test('the deadline and an abort each end it with their own code', async () => {
  const late = running(20);
  await expect(late.answer).rejects.toMatchObject({ code: 'command.timedOut' });
  const stopped = running();
  stopped.abort.abort();
  await expect(stopped.answer).rejects.toMatchObject({ code: 'command.aborted' });
  for (const { seen } of [late, stopped]) expect(seen.closes).toBe(1);
});

test('a channel that fails is let go, and its place is free', async () => {
  const { channel, seen, answer, freed } = running();
  await Promise.resolve();
  channel.emit('error', new Error('planted'));
  await expect(answer).rejects.toMatchObject({ code: 'ssh.closed' });
  expect([channel.destroyed, seen.closes, freed()]).toEqual([true, 1, 1]);
});
