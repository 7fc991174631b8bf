import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { type Emulator, startEmulator } from '../../src/emulator/index.js';
import { everyFlag, guard } from '../support/guard.js';
import { census, expectNothingLeft, left } from '../support/leaks.js';

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const give of undo.splice(0).reverse()) await give();
});

/** One leak of each kind; each is taken back after its test. */
const leaks: Record<string, (server: Emulator) => unknown> = {
  'a timer': () => {
    const timer = setInterval(() => {}, 60_000);
    undo.push(() => clearInterval(timer));
  },
  'a socket': async (server) => {
    const socket = connect(server.port, server.host).on('error', () => {});
    undo.push(() => socket.destroy());
    await once(socket, 'connect');
  },
  'a listener on a port': async () => {
    const listener = createServer().listen(0, '127.0.0.1');
    undo.push(() => new Promise((resolve) => listener.close(resolve)));
    await once(listener, 'listening');
  },
  'a child': () => {
    const child = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60000)'], { stdio: 'ignore' });
    undo.push(async () => {
      child.kill('SIGKILL');
      await once(child, 'exit');
    });
  },
  'a handler of SIGTERM': () => {
    const handler = () => {};
    process.on('SIGTERM', handler);
    undo.push(() => process.off('SIGTERM', handler));
  },
};

describe('the leak checker', () => {
  test.each(Object.entries(leaks))('fails on %s that is left', async (_, leak) => {
    await using server = await startEmulator();
    const before = census();
    await expectNothingLeft({ servers: [server], before });
    await leak(server);
    await expect(expectNothingLeft({ servers: [server], before }, 200)).rejects.toThrow(
      /left behind: .*1 x (Timeout|TCP|TCPSERVER|PROCESS|listener of SIGTERM)|2 x TCPWRAP/,
    );
    for (const give of undo.splice(0)) await give();
    await expectNothingLeft({ servers: [server], before });
  });

  test('fails on what a guardian has open: timer, transport, watch, channel, and the lines on the server', async () => {
    await using server = await startEmulator();
    const before = census();
    await using guarded = await guard({ office: server }, everyFlag);
    const { guardian, log } = guarded;
    await log.until('cache.refreshed', ({ source }) => source === 'watch');
    server.faults.hang('x2golistsessions');
    guardian.refresh('office');
    await expect.poll(() => guardian.open.map(({ kind }) => kind)).toContain('channel');
    const kinds = left({ guardian, servers: [server], before }).map((text) =>
      text.replace(/[0-9a-f]{32}/, 'ID'),
    );
    expect(kinds).toEqual(
      expect.arrayContaining([
        'transport office',
        'watch office',
        'timer metronome office',
        'channel ID',
        `1 connections on port ${server.port}`,
        expect.stringMatching(/^[12] channels on port/),
        expect.stringMatching(/^2 x TCPWRAP/),
        expect.stringMatching(/^\d+ x Timeout/),
      ]),
    );
    await guardian.stop();
    await expectNothingLeft({ guardian, servers: [server], before });
  });
});
