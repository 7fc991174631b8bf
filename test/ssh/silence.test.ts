import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { watchSilence } from '../../src/ssh/silence.js';
import { manualClock } from '../support/manualClock.js';

function watched() {
  const time = manualClock();
  const socket = new PassThrough();
  const told: string[] = [];
  const end = watchSilence(socket, time.clock, 5_000, {
    silent: (ms) => told.push(`silent ${ms}`),
    heard: () => told.push('heard'),
  });
  return { ...time, socket, told, end };
}

test('silence is told once, and so is what is heard after it', () => {
  const { socket, told, pass } = watched();
  pass(4_000);
  socket.emit('data', Buffer.from('x'));
  pass(4_999);
  expect(told).toEqual([]);
  pass(20_000);
  socket.emit('data', Buffer.from('x'));
  socket.emit('data', Buffer.from('x'));
  expect(told).toEqual(['silent 5000', 'heard']);
  pass(5_000);
  expect(told).toEqual(['silent 5000', 'heard', 'silent 5000']);
});

test('at its end neither a timer nor an ear stays', () => {
  const { socket, told, pass, armed, end } = watched();
  expect([armed(), socket.listenerCount('data')]).toEqual([1, 1]);
  end();
  expect([armed(), socket.listenerCount('data')]).toEqual([0, 0]);
  pass(20_000);
  expect(told).toEqual([]);
});
