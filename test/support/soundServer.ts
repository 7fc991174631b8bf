import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pulseCookieLength } from '../../src/protocol/pulse.js';

/** A sound server of this user's, as PULSE_SERVER and PULSE_COOKIE say while it stands. It hears and says nothing by itself. */
export interface SoundServer {
  readonly cookie: Buffer;
  /** Its connections, oldest first, those that only looked whether it is there included. */
  readonly sockets: readonly Socket[];
  /** What it was told on all connections. */
  readonly heard: number;
  /** From now on it reads nothing. */
  deafen(): void;
  [Symbol.asyncDispose](): Promise<void>;
}

export async function startSoundServer(): Promise<SoundServer> {
  const folder = mkdtempSync(join(tmpdir(), 'sound-'));
  const path = join(folder, 'native');
  const cookie = Buffer.alloc(pulseCookieLength, 'c');
  writeFileSync(join(folder, 'cookie'), cookie, { mode: 0o600 });
  const sockets: Socket[] = [];
  let heard = 0;
  let deaf = false;
  const server = createServer((socket) => {
    sockets.push(socket);
    socket
      .on('error', () => undefined)
      .on('data', (chunk) => {
        heard += chunk.length;
        if (deaf) socket.pause();
      });
  });
  server.listen(path);
  await once(server, 'listening');
  const before = { PULSE_SERVER: process.env.PULSE_SERVER, PULSE_COOKIE: process.env.PULSE_COOKIE };
  process.env.PULSE_SERVER = `unix:${path}`;
  process.env.PULSE_COOKIE = join(folder, 'cookie');
  return {
    cookie,
    sockets,
    get heard() {
      return heard;
    },
    deafen: () => {
      deaf = true;
      for (const socket of sockets) socket.pause();
    },
    async [Symbol.asyncDispose]() {
      for (const [name, value] of Object.entries(before)) {
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
      }
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
