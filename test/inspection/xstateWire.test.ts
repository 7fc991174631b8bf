/** The official inspector's wire, as its own receiver, its own server and strangers see it. */

import { EventEmitter } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createWebSocketReceiver } from '@statelyai/inspect';
import { createInspectorServer } from '@statelyai/inspect/server';
import { expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { startEmulator } from '../../src/emulator/index.js';
import { createGuardian } from '../../src/index.js';
import { plain } from '../../src/inspection/plain.js';
import { connectToInspector } from '../../src/inspection/xstateLink.js';
import { feedClient, openXStateServer } from '../../src/inspection/xstateServer.js';
import { XStateWire } from '../../src/inspection/xstateWire.js';
import { SimulatedTime } from '../../src/testing/index.js';
import { freePort } from '../support/freePort.js';
import { eventually } from '../support/until.js';

const canary = 'canary-wonderland-7531';

interface Message {
  readonly type: string;
  readonly sessionId: string;
  readonly rootId: string;
  readonly createdAt: string;
  readonly _version: string;
  readonly name?: string;
  readonly definition?: string;
  readonly parentId?: string;
  readonly snapshot?: { readonly status: string; readonly value?: unknown };
  readonly event?: { readonly type: string };
}

async function guarded(wire: XStateWire) {
  const emulator = await startEmulator({ password: canary });
  emulator.sessions.start();
  const folder = mkdtempSync(join(tmpdir(), 'wire-'));
  const known = join(folder, 'known_hosts');
  writeFileSync(known, `${emulator.knownHostsLine}\n`);
  const guardian = createGuardian({
    journal: false,
    profiles: [{ id: 'office', host: '127.0.0.1', port: emulator.port, user: emulator.user }],
    credentials: { of: () => ({ password: canary }) },
    hostKeys: { mode: 'strict', files: [known] },
    autoRegisterSessions: true,
    autoUpdateListSessionsCache: true,
    inspect: wire.inspect,
  });
  return {
    guardian,
    async [Symbol.asyncDispose]() {
      await guardian.stop();
      await emulator.stop();
      rmSync(folder, { recursive: true });
    },
  };
}

const told = (messages: readonly Message[], type: string) => messages.filter((one) => one.type === type);

test('a client that comes late receives the actors with their states, then events and snapshots, no secret', async () => {
  const wire = new XStateWire();
  await using world = await guarded(wire);
  const server = await openXStateServer(wire);
  await world.guardian.start();
  await world.guardian.connect('office');
  const messages: Message[] = [];
  createWebSocketReceiver({ server: server.socket }).subscribe(
    (message) => void messages.push(message as Message),
  );
  await eventually('the guardian is told of', () => messages.some(({ name }) => name === 'guardian'));
  world.guardian.refresh('office');
  await eventually('a survey is told of', () =>
    told(messages, '@xstate.event').some(({ event }) => event?.type === 'refresh.wanted'),
  );
  await eventually('a session is told of', () =>
    messages.some(({ definition }) => definition?.includes('"virgin"')),
  );

  for (const { rootId, createdAt, _version, sessionId } of messages) {
    expect(rootId).toBe(world.guardian.actor.sessionId);
    expect({ sessionId, _version }).toEqual({ sessionId: expect.any(String), _version: '0.7.2' });
    expect(Number(createdAt)).toBeGreaterThan(0);
  }
  const root = messages.find(({ name }) => name === 'guardian');
  expect(root?.snapshot).toMatchObject({ status: 'active', value: 'guarding' });
  expect(JSON.parse(root?.definition ?? '')).toMatchObject({ id: 'guardian', initial: 'idle' });
  const profile = messages.find(({ parentId }) => parentId === root?.sessionId);
  expect(profile?.snapshot?.status).toBe('active');
  expect(told(messages, '@xstate.snapshot').length).toBeGreaterThan(2);
  expect(JSON.stringify(messages)).not.toContain(canary);
  await server.close();
});

test('a server of @statelyai/inspect passes on what the guardian sends', async () => {
  const wire = new XStateWire();
  const port = await freePort();
  const bridge = createInspectorServer({ port, autoOpen: false });
  await using world = await guarded(wire);
  const link = connectToInspector(wire, `ws://localhost:${port}`);
  const messages: Message[] = [];
  createWebSocketReceiver({ server: `ws://localhost:${port}` }).subscribe(
    (message) => void messages.push(message as Message),
  );
  await world.guardian.start();
  const types = ['@xstate.actor', '@xstate.event', '@xstate.snapshot'];
  await eventually('all kinds', () => types.every((type) => told(messages, type).length > 0));
  expect(JSON.stringify(messages)).not.toContain(canary);
  link.close();
  bridge.stop();
});

test('a client that is closed has hung up, and does not come back', async () => {
  const port = await freePort();
  const inspector = new WebSocketServer({ port, host: '127.0.0.1' });
  const time = new SimulatedTime();
  const link = connectToInspector(new XStateWire(), `ws://127.0.0.1:${port}`, time.clock);
  await eventually('the client', () => inspector.clients.size === 1);
  link.close();
  await eventually('nobody', () => inspector.clients.size === 0);
  expect(time.pending('guardian')).toBe(0);
  inspector.close();
});

test('where no server is it is tried again until it is closed, and then never more', async () => {
  const time = new SimulatedTime();
  const link = connectToInspector(new XStateWire(), `ws://127.0.0.1:${await freePort()}`, time.clock);
  await eventually('another try to be due', () => time.pending('guardian') === 1);
  link.close();
  expect(time.pending('guardian')).toBe(0);
});

test('another Host, another Origin, a wrong token and none are refused', async () => {
  const server = await openXStateServer(new XStateWire());
  const { port, searchParams } = new URL(server.page);
  const token = searchParams.get('token');
  const status = (path: string, headers: Record<string, string> = {}) =>
    new Promise<number | undefined>((resolve, reject) => {
      const asked = request({ host: '127.0.0.1', port, path, headers, agent: false }, (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      });
      asked.on('error', reject).end();
    });
  const socket = (address: string, headers: Record<string, string> = {}) =>
    new Promise<string>((resolve) => {
      const client = new WebSocket(address, { headers });
      client.on('open', () => resolve('open')).on('error', ({ message }) => resolve(message));
    });
  const good = `/?token=${token}`;
  expect(await status(good)).toBe(200);
  expect(await status('/')).toBe(403);
  expect(await status(`/?token=${'0'.repeat(32)}`)).toBe(403);
  expect(await status(good, { host: 'evil.example' })).toBe(403);
  expect(await status(good, { origin: 'https://evil.example' })).toBe(403);
  expect(await twoNames(port, good)).toMatch(/^HTTP\/1.1 403 /);
  expect(await socket(server.socket)).toBe('open');
  expect(await socket(server.socket, { origin: `http://127.0.0.1:${port}` })).toBe('open');
  expect(await socket(server.socket, { origin: 'https://evil.example' })).toContain('403');
  expect(await socket(server.socket, { host: 'evil.example' })).toContain('403');
  expect(await socket(`ws://127.0.0.1:${port}/`)).toContain('403');
  await server.close();
});

test('a client that fails or does not keep up is let go, and told nothing more once it has closed', () => {
  let tell = (_message: string) => {};
  let left = 0;
  const wire = {
    join: (told: typeof tell) => {
      tell = told;
      return () => void left++;
    },
  } as unknown as XStateWire;
  const seen = { sent: 0, terminated: 0 };
  const client = Object.assign(new EventEmitter(), {
    bufferedAmount: 0,
    readyState: WebSocket.OPEN,
    send: () => void seen.sent++,
    terminate: () => void seen.terminated++,
  });
  feedClient(wire, client as unknown as WebSocket);
  tell('first');
  client.bufferedAmount = 17 * 1024 * 1024;
  tell('second');
  expect(seen).toEqual({ sent: 1, terminated: 1 });
  client.emit('error', new Error('planted'));
  expect([seen.terminated, left]).toEqual([2, 0]);
  client.emit('close');
  expect(left).toBe(1);
});

test('only plain data leaves, and nothing under the name of a secret', () => {
  const given = {
    a: 1,
    run: () => canary,
    password: canary,
    in: [{ privateKey: canary, cookie: canary }],
    map: new Map([[1, canary]]),
  };
  expect(plain(given)).toEqual({
    a: 1,
    password: '[secret]',
    in: [{ privateKey: '[secret]', cookie: '[secret]' }],
  });
});

/** A request under our own name and under another. */
async function twoNames(port: string | number, path: string): Promise<string> {
  const socket = connect(Number(port), '127.0.0.1');
  const names = [`127.0.0.1:${port}`, 'evil.example'].map((name) => `Host: ${name}\r\n`).join('');
  socket.write(`GET ${path} HTTP/1.1\r\n${names}Connection: close\r\n\r\n`);
  let answer = '';
  for await (const chunk of socket) answer += String(chunk);
  return answer;
}
