import { expect, test } from 'vitest';
import { monotonicClock } from '../../src/clock.js';
import { startEmulator } from '../../src/emulator/index.js';
import { RefusedSecrets } from '../../src/ssh/refusedSecrets.js';
import { Way } from '../../src/ssh/way.js';
import { nextSocket } from '../support/nextSocket.js';
import { eventually } from '../support/until.js';
import { startProxy } from './support/httpProxy.js';

test('a proxy that leads on in the very moment when nobody waits any more is hung up on', async () => {
  await using proxy = await startProxy(() => undefined);
  await using server = await startEmulator();
  const { host, port, user, clientKey } = server;
  const world = {
    clock: monotonicClock,
    answers: new Map(),
    refusals: new RefusedSecrets(),
    credentialsOf: async () => ({ identities: [{ privateKey: clientKey }] }),
    hostKeysOf: () => ({ mode: 'strict' as const, files: [] }),
  };
  const via = [{ kind: 'http' as const, host: '127.0.0.1', port: proxy.port }];
  const told: string[] = [];
  const way = new Way(
    world,
    { id: 'office', host, port, user, via },
    {
      ready: () => told.push('ready'),
      lost: () => told.push('lost'),
    },
  );
  let outcome: string | undefined;
  const close = async () => {
    outcome = await way.close(new AbortController().signal);
  };
  // Between the proxy's answer and whoever waits for it.
  nextSocket((socket) => socket.once('data', () => queueMicrotask(close)));
  way.open();
  await eventually('its end', () => outcome !== undefined);
  await eventually('the proxy to be left', () => proxy.requests.length === 1 && proxy.connections === 0);
  expect([outcome, told]).toEqual(['closed', []]);
});
