import { EventEmitter, getEventListeners } from 'node:events';
import type { Client } from 'ssh2';
import { expect, test } from 'vitest';
import { Forwards } from '../../src/ssh/forwards.js';
import { manualClock } from '../support/manualClock.js';

type Answer = (cause?: Error, port?: number) => void;

/** A server that listens for us, and answers when the test says so that it listens no more. */
async function listening() {
  const { clock, pass, armed } = manualClock();
  const cancelled: number[] = [];
  let answer: Answer = () => undefined;
  const client = Object.assign(new EventEmitter(), {
    forwardIn: (_: string, port: number, done: Answer) => done(undefined, port === 0 ? 40_000 : port),
    unforwardIn: (_: string, port: number, done: Answer) => {
      cancelled.push(port);
      answer = done;
    },
  });
  const forwards = new Forwards(client as unknown as Client, clock, () => true);
  const forward = { offered: () => undefined, refused: () => undefined };
  await forwards.open(30_001, forward);
  const hurry = new AbortController();
  const close = () => forwards.close(30_001, forward, hurry.signal);
  const ears = () => getEventListeners(hurry.signal, 'abort').length;
  return { forwards, close, answer: () => answer(), hurry, cancelled, pass, armed, ears };
}

test('a server that answers is waited for, and then nothing is', async () => {
  const { close, answer, cancelled, armed, ears } = await listening();
  const outcome = close();
  expect([cancelled, armed(), ears()]).toEqual([[30_001], 1, 1]);
  answer();
  expect(await outcome).toBe('closed');
  expect([armed(), ears()]).toEqual([0, 0]);
});

test('one that does not is waited for a second, or until there is haste', async () => {
  const patient = await listening();
  const cut = patient.close();
  patient.pass(1_000);
  expect([await cut, patient.armed(), patient.ears()]).toEqual(['cut', 0, 0]);
  const hasty = await listening();
  const forced = hasty.close();
  hasty.hurry.abort();
  expect([await forced, hasty.armed(), hasty.ears()]).toEqual(['forced', 0, 0]);
});

test('whether it would listen at all is tried on a port of its choice, which is given back', async () => {
  const { forwards, cancelled } = await listening();
  await forwards.try();
  expect(cancelled).toEqual([40_000]);
});
