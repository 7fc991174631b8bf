/** What a connection gives back at its end, over a socket that the test has in its hands. */
import { getEventListeners } from 'node:events';
import { Duplex } from 'node:stream';
import { expect, test } from 'vitest';
import type { X2GoError } from '../../src/errors.js';
import { Connection, type ConnectionOptions } from '../../src/ssh/connection.js';
import { manualClock } from '../support/manualClock.js';

/** One whose server has not said a word yet. */
function connecting() {
  const { clock, pass, armed } = manualClock();
  const socket = new Duplex({ read: () => undefined, write: (_chunk, _encoding, done) => done() });
  const closes: (string | undefined)[] = [];
  const ends: X2GoError[] = [];
  let hungUp = 0;
  const authentication = {
    handler: () => undefined,
    underWay: () => undefined,
    close: (verdict?: string) => void closes.push(verdict),
  };
  const forward = { agent: { close: () => void hungUp++ }, refused: () => undefined };
  const options = {
    ...{ socket, where: 'there', user: 'alice', authentication, forward, clock },
    hostKeys: { algorithms: ['ssh-ed25519'], verify: () => true },
    onEnd: (error: X2GoError) => void ends.push(error),
  };
  const line = new Connection(options as unknown as ConnectionOptions);
  return { line, socket, closes, ends, hungUp: () => hungUp, pass, armed };
}

test('cut, its socket, its login and the key agent are let go, and nothing is told', async () => {
  const { line, socket, closes, ends, hungUp } = connecting();
  let gone = 0;
  line.onGone(() => void gone++);
  line.cut();
  await new Promise(setImmediate);
  expect([socket.destroyed, closes, hungUp(), gone, ends]).toEqual([true, [undefined], 1, 1, []]);
});

test('ended by its socket, the same, and it is told that the login was cut', async () => {
  const { line, socket, closes, ends, hungUp } = connecting();
  socket.destroy(new Error('planted'));
  await new Promise(setImmediate);
  expect([line.isConnecting, closes[0], hungUp()]).toEqual([false, 'cut', 1]);
  expect(ends).toMatchObject([{ message: expect.stringContaining('planted') }]);
});

test('closed before it is there, it is cut at once, and neither a timer nor an ear stays', async () => {
  const { line, socket, closes, ends, hungUp, armed } = connecting();
  const hurry = new AbortController();
  expect(await line.close(hurry.signal)).toBe('closed');
  expect([socket.destroyed, closes, hungUp(), ends]).toEqual([true, [undefined], 1, []]);
  expect([armed(), getEventListeners(hurry.signal, 'abort')]).toEqual([0, []]);
});
