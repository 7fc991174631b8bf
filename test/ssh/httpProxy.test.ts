import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { connectOverHttp } from '../../src/ssh/httpProxy.js';
import { listen } from './support/tunnels.js';

test('a proxy that leads on is listened to no more: neither an end nor an abort is its matter', async () => {
  const there = await listen((socket) => void socket.write('HTTP/1.1 200 OK\r\n\r\nSSH-2.0-x\r\n'));
  const { signal } = new AbortController();
  const wanted = { proxy: { host: '127.0.0.1', port: there.port }, host: 'inner', port: 22 };
  const socket = await connectOverHttp(wanted, signal);
  expect(getEventListeners(signal, 'abort')).toEqual([]);
  expect([socket.listenerCount('data'), socket.listenerCount('close')]).toEqual([0, 0]);
  expect(String(socket.read())).toBe('SSH-2.0-x\r\n');
  socket.destroy();
  there.close();
});
