/** What a line says before it speaks SSH, and what it means that it says nothing. */
import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import type { X2GoError } from '../../src/errors.js';
import { guardBanner } from '../../src/ssh/banner.js';
import { watchSilence } from '../../src/ssh/silence.js';
import { manualClock } from '../support/manualClock.js';

const aSocket = () => new EventEmitter() as unknown as Socket;

describe('the silence of a line', () => {
  const listening = () => {
    const time = manualClock();
    const socket = aSocket();
    const told: string[] = [];
    const stop = watchSilence(socket, time.clock, 5_000, {
      silent: (ms) => told.push(`silent ${ms}`),
      heard: () => told.push('heard'),
    });
    return { ...time, socket, stop, told, hear: () => socket.emit('data', Buffer.from('x')) };
  };

  test('is reported once, five seconds after the last byte', () => {
    const { pass, hear, told } = listening();
    for (let n = 0; n < 4; n += 1) {
      pass(4_900);
      hear();
    }
    pass(4_999);
    expect(told).toEqual([]);
    pass(1);
    expect(told).toEqual(['silent 5000']);
    pass(60_000);
    expect(told).toHaveLength(1);
  });

  test('ends with the next byte, and may begin again', () => {
    const { pass, hear, told } = listening();
    pass(8_000);
    hear();
    hear();
    pass(5_000);
    expect(told).toEqual(['silent 5000', 'heard', 'silent 5000']);
  });

  test('needs one timer however much is heard, and none when nobody wants to know', () => {
    const { pass, hear, armed, stop, socket, told } = listening();
    for (let n = 0; n < 1_000; n += 1) {
      pass(10);
      hear();
      expect(armed()).toBe(1);
    }
    stop();
    expect(armed()).toBe(0);
    expect(socket.listenerCount('data')).toBe(0);
    pass(60_000);
    expect(told).toEqual([]);
  });
});

describe('what comes before the identification', () => {
  const guarded = (...chunks: readonly string[]) => {
    const socket = aSocket();
    const refusals: X2GoError[] = [];
    guardBanner(socket, 'host:22', (error) => refusals.push(error));
    for (const chunk of chunks) socket.emit('data', Buffer.from(chunk, 'latin1'));
    return { codes: refusals.map(({ code }) => code), listening: socket.listenerCount('data') > 0 };
  };

  test('an identification ends the watch, at once or after a greeting, in one piece or in many', () => {
    expect(guarded('SSH-2.0-OpenSSH_9.2\r\n')).toEqual({ codes: [], listening: false });
    expect(guarded('Welcome\r\nSSH-2.0-x\r\n')).toEqual({ codes: [], listening: false });
    expect(guarded('Wel', 'come\r\nSS', 'H-2', '.0-x\r\n')).toEqual({ codes: [], listening: false });
    expect(guarded('SSH-2.0-x\r\n', 'x'.repeat(1_000_000))).toEqual({ codes: [], listening: false });
  });

  test('a greeting may be long, not endless', () => {
    expect(guarded('x'.repeat(65_536))).toEqual({ codes: [], listening: true });
    expect(guarded(...Array.from({ length: 66 }, () => 'x'.repeat(1_024)))).toEqual({
      codes: ['ssh.handshake'],
      listening: false,
    });
  });

  test('SSH- in the middle of a line is no identification', () => {
    expect(guarded('this is not SSH-2.0\r\n').listening).toBe(true);
  });

  test('a polite refusal is named', () => {
    expect(guarded('Exceeded MaxStartups\r\n')).toEqual({ codes: ['ssh.throttled'], listening: false });
  });
});
