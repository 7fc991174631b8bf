import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import type { Connection } from '../../src/ssh/connection.js';
import { runUnframed } from '../../src/ssh/unframedExec.js';
import { manualClock } from '../support/manualClock.js';
import { fakeChannel } from './support/fakeChannel.js';

const script = { name: 'The start', marker: 'm', text: 'exec x2gostartagent\n', deadlineMs: 30_000 };
const turn = () => new Promise((resolve) => setImmediate(resolve));

/** A script that runs over a channel which the test has in its hands. */
async function running(isEnough?: (text: string) => boolean) {
  const { clock, pass, armed } = manualClock();
  const [caller, hurry] = [new AbortController(), new AbortController()];
  let inTime: AbortSignal | undefined;
  const { channel, seen } = fakeChannel();
  const open = async (signal: AbortSignal) => {
    inTime = signal;
    return { channel, free: () => undefined };
  };
  const connection = { open } as unknown as Connection;
  const wanted = { ...script, ...(isEnough === undefined ? {} : { isEnough }) };
  const run = runUnframed(connection, clock, wanted, caller.signal, hurry.signal);
  await turn();
  const ears = () =>
    [inTime, caller.signal, hurry.signal].map(
      (signal) => signal && getEventListeners(signal, 'abort').length,
    );
  return { run, channel, caller, hurry, pass, armed, ears, closes: () => seen.closes };
}

test('a script that ended leaves neither a timer nor an ear, and its channel is closed', async () => {
  const { run, channel, armed, ears, closes } = await running();
  expect([armed(), ears()]).toEqual([1, [1, 1, 0]]);
  channel.push('said');
  await turn();
  channel.emit('exit', 0);
  expect(armed()).toBe(2);
  channel.emit('close');
  expect(await run).toEqual({ text: 'said', complaint: '', code: 0 });
  expect([channel.writableEnded, channel.listenerCount('data')]).toEqual([true, 0]);
  expect([armed(), ears(), closes()]).toEqual([0, [0, 0, 0], 1]);
});

test('what it left running may keep the channel open for a second, no longer', async () => {
  const { run, channel, pass, armed, ears, closes } = await running();
  channel.emit('exit', 3);
  pass(1_000);
  expect(await run).toMatchObject({ code: 3 });
  expect([armed(), ears(), closes()]).toEqual([0, [0, 0, 0], 1]);
});

test('told to stop before enough was heard, it is listened to for a second; a hurry ends that', async () => {
  const { run, caller, hurry, armed, ears, closes } = await running(() => false);
  caller.abort();
  await turn();
  expect([armed(), ears(), closes()]).toEqual([2, [0, 0, 1], 0]);
  hurry.abort();
  expect(await run).toMatchObject({ error: { code: 'command.aborted' } });
  expect([armed(), ears(), closes()]).toEqual([0, [0, 0, 0], 1]);
});

test('told to stop, and enough is heard in time: nothing waits for a hurry any more', async () => {
  const { run, channel, caller, armed, ears } = await running((text) => text.includes('session'));
  caller.abort();
  channel.push('session');
  expect(await run).toMatchObject({ text: 'session', error: { code: 'command.aborted' } });
  expect([armed(), ears()]).toEqual([0, [0, 0, 0]]);
});

test('told to stop while it waits for what was left running: one wait takes the place of the other', async () => {
  const { run, channel, caller, pass, armed } = await running(() => false);
  channel.emit('exit', 0);
  expect(armed()).toBe(2);
  caller.abort();
  expect(armed()).toBe(2);
  pass(1_000);
  await run;
  expect(armed()).toBe(0);
});

test('a channel that fails is destroyed, and told of', async () => {
  const { run, channel, armed } = await running();
  channel.emit('error', new Error('planted'));
  expect(await run).toMatchObject({ error: expect.objectContaining({ code: expect.any(String) }) });
  expect(channel.destroyed).toBe(true);
  expect(armed()).toBe(0);
});
