import { getEventListeners, once } from 'node:events';
import { rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { listAgentKeys } from '../../src/ssh/agentListing.js';
import { makeTempDir } from '../support/real/owner.js';

let folder: string;
beforeEach(() => {
  folder = makeTempDir('agent');
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(folder, { recursive: true });
});

/** SSH_AGENT_IDENTITIES_ANSWER without a key; SSH_AGENT_FAILURE; one that is as long as the first and of another type. */
const answers = {
  nothing: Buffer.from([0, 0, 0, 5, 12, 0, 0, 0, 0]),
  refusal: Buffer.from([0, 0, 0, 1, 5]),
  'something else': Buffer.from([0, 0, 0, 5, 14, 0, 0, 0, 0]),
};

test.each([
  ['nothing', []],
  ['refusal', 'it refused to list its keys'],
  ['something else', 'it refused to list its keys'],
] as const)('an agent whose answer is %s leaves neither a timer nor an ear', async (answer, wanted) => {
  const path = join(folder, 'socket');
  const server = createServer((socket) => {
    socket.on('error', () => undefined).once('data', () => socket.write(answers[answer]));
  }).listen(path);
  await once(server, 'listening');
  const { signal } = new AbortController();
  const listed = listAgentKeys(path, signal).catch(({ message }) => message);
  expect([vi.getTimerCount(), getEventListeners(signal, 'abort').length]).toEqual([1, 1]);
  expect(await listed).toEqual(wanted);
  expect([vi.getTimerCount(), getEventListeners(signal, 'abort').length]).toEqual([0, 0]);
  // It waits for each of its connections.
  server.close();
  await once(server, 'close');
});
