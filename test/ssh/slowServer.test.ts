/** A server that answers when nobody waits for it any more, or is not heard. */
import { getEventListeners, once } from 'node:events';
import type { AddressInfo } from 'node:net';
import ssh2, { type ServerChannel } from 'ssh2';
import { expect, test } from 'vitest';
import { type Clock, monotonicClock } from '../../src/clock.js';
import { newKeyPair } from '../../src/emulator/identity.js';
import { Connection, type ConnectionOptions } from '../../src/ssh/connection.js';
import { manualClock } from '../support/manualClock.js';
import { eventually } from '../support/until.js';
import { dialTo } from './support/tunnels.js';

/** One that lets everybody in. `grant` answers the request that came last. */
async function startSlowServer() {
  let grant: (() => ServerChannel) | undefined;
  const server = new ssh2.Server({ hostKeys: [newKeyPair().private] }, (client) => {
    client.on('error', () => undefined).on('authentication', (context) => context.accept());
    client.on('session', (accept) => {
      accept().on('exec', (acceptExec) => {
        grant = acceptExec;
      });
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    asked: () => grant !== undefined,
    grant: () => grant?.(),
    close: () => server.close(),
  };
}

async function logIn(port: number, clock: Clock = monotonicClock): Promise<Connection> {
  const authentication = { handler: ['none'], underWay: () => undefined, close: () => undefined };
  const options = {
    ...{ socket: await dialTo(port), where: 'there', user: 'alice', clock, authentication },
    hostKeys: { algorithms: ['ssh-ed25519'], verify: () => true },
    onEnd: (cause: unknown) => expect.unreachable(String(cause)),
  };
  const line = new Connection(options as unknown as ConnectionOptions);
  await new Promise<void>((resolve) => line.onReady(resolve));
  return line;
}

test('what is granted too late is closed at once', async () => {
  const server = await startSlowServer();
  const line = await logIn(server.port);
  const ending = new AbortController();
  const opened = line.open(ending.signal);
  opened.catch(() => undefined);
  await eventually('a request', server.asked);
  ending.abort(new Error('nobody waits any more'));
  await expect(opened).rejects.toThrow('nobody waits any more');
  const channel = server.grant();
  await once(channel?.resume() ?? expect.fail('no channel'), 'close');
  expect(await line.close(new AbortController().signal)).toBe('closed');
  server.close();
});

test.each(['a second', 'a hurry'])('one whose end is not heard is waited for until %s', async (until) => {
  const server = await startSlowServer();
  const { clock, pass, armed } = manualClock();
  const line = await logIn(server.port, clock);
  line.socket.pause();
  const hurry = new AbortController();
  const closed = line.close(hurry.signal);
  expect([armed(), getEventListeners(hurry.signal, 'abort').length]).toEqual([1, 1]);
  if (until === 'a second') pass(1_000);
  else hurry.abort();
  expect(line.socket.destroyed).toBe(true);
  expect(await closed).toBe(until === 'a second' ? 'cut' : 'forced');
  expect([armed(), getEventListeners(hurry.signal, 'abort').length, line.socket.destroyed]).toEqual([
    0,
    0,
    true,
  ]);
  server.close();
});
