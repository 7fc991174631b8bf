import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Line } from '../../src/emulator/line.js';
import { eventually } from '../support/until.js';

let line: Line;
let far: Socket;
beforeEach(async () => {
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  far = connect({ port, host: '127.0.0.1', allowHalfOpen: true }).on('error', () => undefined);
  const [near] = (await once(server, 'connection')) as [Socket];
  server.close();
  line = new Line(near, () => undefined);
});
afterEach(() => {
  line.socket.destroy();
  far.destroy();
});

test('destroyed, its socket is closed', async () => {
  line.destroy();
  await once(far.resume(), 'end');
  expect(line.socket.destroyed).toBe(true);
});

test('cut, it has sent what it had, and waits for nobody', async () => {
  line.write('last words');
  line.cut();
  let heard = '';
  far.on('data', (chunk) => (heard += chunk));
  await eventually('its end', () => line.socket.destroyed);
  if (!far.readableEnded) await once(far, 'end');
  expect(heard).toBe('last words');
});

test('a socket that fails is the end of the line, and no error', async () => {
  const closed = once(line, 'close');
  line.socket.destroy(new Error('planted'));
  await closed;
  expect([line.destroyed, line.errored]).toEqual([true, null]);
});
