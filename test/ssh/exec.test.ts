import { Duplex, PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { monotonicClock } from '../../src/clock.js';
import type { Connection } from '../../src/ssh/connection.js';
import { runScript } from '../../src/ssh/exec.js';

/** What ssh2 gives for a channel: a duplex with a stderr and a close(). */
class FakeChannel extends Duplex {
  readonly stderr = new PassThrough();
  readonly written: string[] = [];
  closes = 0;
  override _read() {}
  override _write(chunk: Buffer, _encoding: string, done: () => void) {
    this.written.push(chunk.toString());
    done();
  }
  close() {
    this.closes += 1;
  }
}

const marker = 'a'.repeat(32);
const running = (deadlineMs = 10_000) => {
  const channel = new FakeChannel();
  const abort = new AbortController();
  let freed = 0;
  const free = () => {
    freed += 1;
  };
  const open = async () => ({ channel, free });
  const script = { name: 'The listing', marker, text: 'script\n', deadlineMs };
  const answer = runScript({ open } as unknown as Connection, monotonicClock, script, abort.signal);
  answer.catch(() => undefined);
  return { channel, abort, answer, freed: () => freed };
};

test('an answer is complete with its end marker; the channel is closed and its place freed when it is', async () => {
  const { channel, answer, freed } = running();
  channel.push(`noise\n${marker} begin 0\nrow\n`);
  channel.push(`\n${marker} e`);
  channel.push('nd 0\n');
  expect((await answer).text).toContain('row');
  expect(channel.written).toEqual(['script\n']);
  expect(channel.closes).toBe(1);
  expect(channel.writableEnded).toBe(true);
  // What still comes is kept nowhere.
  expect(channel.listenerCount('data')).toBe(0);
  expect(freed()).toBe(0);
  channel.emit('close', 0);
  expect(freed()).toBe(1);
});

test('a shell that ends by itself has said what it had to say', async () => {
  const { channel, answer } = running();
  channel.push('This account is currently not available.\n');
  await expect.poll(() => channel.written).toEqual(['script\n']);
  await new Promise(setImmediate);
  channel.emit('close', 1);
  expect((await answer).text).toBe('This account is currently not available.\n');
});

test.each([undefined, null])(
  'a channel that closes with exit code %s was cut short: trying again may help',
  async (code) => {
    const { channel, answer } = running();
    await expect.poll(() => channel.written).toEqual(['script\n']);
    channel.emit('close', code);
    await expect(answer).rejects.toMatchObject({ code: 'ssh.closed', retryable: true });
  },
);

test('an answer of more than 1 MiB is refused and the channel closed', async () => {
  const { channel, answer } = running();
  for (let n = 0; n < 17; n += 1) channel.push(Buffer.alloc(64 * 1024, 'x'));
  await expect(answer).rejects.toMatchObject({ code: 'command.tooLong' });
  expect(channel.closes).toBe(1);
});

test('the deadline and an abort each end it with their own code', async () => {
  const late = running(20);
  await expect(late.answer).rejects.toMatchObject({ code: 'command.timedOut' });
  const stopped = running();
  stopped.abort.abort();
  await expect(stopped.answer).rejects.toMatchObject({ code: 'command.aborted' });
  for (const { channel } of [late, stopped]) expect(channel.closes).toBe(1);
});

test('a channel that fails is let go, and its place is free', async () => {
  const { channel, answer, freed } = running();
  await Promise.resolve();
  channel.emit('error', new Error('planted'));
  await expect(answer).rejects.toMatchObject({ code: 'ssh.closed' });
  expect([channel.destroyed, channel.closes, freed()]).toEqual([true, 1, 1]);
});
