import { rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { makeTempDir } from '../real/owner.js';

/** As much of an X server as says how large its screen is: for machines without one, and for what a broken one says. */
export interface StubScreen {
  /** A value for DISPLAY: the path of a socket, as XQuartz has it. */
  readonly display: string;
  /** What clients have sent, in the order they came. */
  readonly heard: readonly Buffer[];
  /** Connections that are open now. */
  readonly open: () => number;
  stop(): Promise<void>;
}
/** What every screen of it has for its root. */
export const rootWindow = 0x100;
export interface ScreenSize {
  readonly width: number;
  readonly height: number;
  readonly depth: number;
}

/** `answer`: the screens it has, or the bytes it says instead. */
export async function stubScreen(
  answer: readonly ScreenSize[] | Buffer = [{ width: 1280, height: 800, depth: 24 }],
): Promise<StubScreen> {
  const dir = makeTempDir('screen');
  const display = join(dir, 'stub:0');
  const reply = Buffer.isBuffer(answer) ? answer : setupReply(answer);
  const heard: Buffer[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
    socket.once('data', (request) => {
      heard.push(request);
      socket.write(reply);
    });
  });
  await new Promise<void>((resolve) => server.listen(display, resolve));
  return {
    display,
    heard,
    open: () => sockets.size,
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** A connection set-up as the X11 protocol has it: a vendor, two pixmap formats, screens of one depth and visual each. */
export function setupReply(screens: readonly ScreenSize[]): Buffer {
  const vendor = Buffer.from('A vendor!\0\0\0', 'latin1');
  const head = Buffer.alloc(40);
  head.writeUInt16LE(9, 24);
  head.set([screens.length, 2], 28);
  const roots = screens.map(({ width, height, depth }) => {
    const root = Buffer.alloc(40 + 8 + 24);
    root.writeUInt32LE(rootWindow, 0);
    root.writeUInt16LE(width, 20);
    root.writeUInt16LE(height, 22);
    root.set([depth, 1], 38);
    root.set([depth, 0, 1, 0], 40);
    return root;
  });
  const whole = Buffer.concat([head, vendor, Buffer.alloc(16), ...roots]);
  whole.set([1, 0, 11, 0, 0, 0], 0);
  whole.writeUInt16LE((whole.length - 8) / 4, 6);
  return whole;
}
