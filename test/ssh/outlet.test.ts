import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { Outlet } from '../../src/ssh/outlet.js';

class FakeSocket extends EventEmitter {
  writableLength = 0;
  corks = 0;
  uncorks = 0;
  cork() {
    this.corks += 1;
  }
  uncork() {
    this.uncorks += 1;
  }
}
const made = () => {
  const socket = new FakeSocket();
  return { socket, outlet: new Outlet(socket as unknown as Socket) };
};
const KiB = 1024;

test('what one turn writes is gathered once, and let go at its end', async () => {
  const { socket, outlet } = made();
  outlet.gather();
  outlet.gather();
  expect([socket.corks, socket.uncorks]).toEqual([1, 0]);
  await new Promise(setImmediate);
  expect([socket.corks, socket.uncorks]).toEqual([1, 1]);
  outlet.gather();
  expect(socket.corks).toBe(2);
});

test('bulk is held early where small messages go out, and late where there are none', () => {
  const { socket, outlet } = made();
  socket.writableLength = 512 * KiB;
  expect(outlet.isFull).toBe(false);
  outlet.heard();
  expect(outlet.isFull).toBe(true);
  socket.writableLength = 64 * KiB;
  expect(outlet.isFull).toBe(false);
  const alone = made();
  alone.socket.writableLength = 1025 * KiB;
  expect(alone.outlet.isFull).toBe(true);
});

test('whoever waits for room is called once, when the socket has drained', () => {
  const { socket, outlet } = made();
  let calls = 0;
  const flow = () => {
    calls += 1;
  };
  outlet.whenRoom(flow);
  outlet.whenRoom(flow);
  socket.emit('drain');
  socket.emit('drain');
  expect(calls).toBe(1);
  outlet.whenRoom(flow);
  outlet.forget(flow);
  socket.emit('drain');
  expect(calls).toBe(1);
});
