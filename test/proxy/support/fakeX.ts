import { rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { makeTempDir } from '../../support/real/owner.js';
import { rootWindow, setupReply } from '../../support/stubNxproxy/stubScreen.js';

/** An X server's windows and their names, for one client that looks among them. */
export interface FakeX {
  readonly display: string;
  /** Every name that a client gave, in order: window, property, type, text. */
  readonly given: readonly (readonly [window: number, property: string, type: string, text: string])[];
  /** How many requests came. */
  readonly asked: number;
  readonly connections: number;
  /** Makes a window, by itself or in another one, and tells whoever wants to know. */
  add(window: number, name?: string, parent?: number): void;
  /** The window's own program names it. */
  name(window: number, name: string): void;
  remove(window: number): void;
  /** Says this to everybody. */
  say(bytes: Buffer): void;
  stop(): Promise<void>;
}

interface Window {
  name: string;
  readonly children: Set<number>;
  isWatched: boolean;
}

const fixedAtoms: Readonly<Record<number, string>> = { 31: 'STRING', 37: 'WM_ICON_NAME', 39: 'WM_NAME' };

export async function fakeX(): Promise<FakeX> {
  const dir = makeTempDir('fakex');
  const display = join(dir, 'fake:0');
  const windows = new Map<number, Window>();
  const atoms = new Map(Object.entries(fixedAtoms).map(([number, name]) => [Number(number), name]));
  const sockets = new Set<Socket>();
  const given: [number, string, string, string][] = [];
  let asked = 0;
  const window = (id: number) => {
    const found = windows.get(id) ?? { name: '', children: new Set(), isWatched: false };
    windows.set(id, found);
    return found;
  };
  window(rootWindow);
  const tell = (bytes: Buffer) => {
    for (const socket of sockets) socket.write(bytes);
  };
  const event = (code: number, ...words: number[]) => {
    const bytes = Buffer.alloc(32);
    bytes[0] = code;
    for (const [index, word] of words.entries()) bytes.writeUInt32LE(word, 4 + 4 * index);
    return bytes;
  };

  const serve = (socket: Socket, request: Buffer, sequence: number) => {
    const [opcode = 0] = request;
    const id = request.readUInt32LE(4);
    const reply = (head: (bytes: Buffer) => void, more: Buffer) => {
      const bytes = Buffer.concat([Buffer.alloc(32), more, Buffer.alloc(-more.length & 3)]);
      bytes[0] = 1;
      bytes.writeUInt16LE(sequence & 0xffff, 2);
      bytes.writeUInt32LE((bytes.length - 32) / 4, 4);
      head(bytes);
      socket.write(bytes);
    };
    if (opcode === 16) {
      const number = 300 + atoms.size;
      atoms.set(number, request.toString('latin1', 8, 8 + request.readUInt16LE(4)));
      return reply((bytes) => bytes.writeUInt32LE(number, 8), Buffer.alloc(0));
    }
    const meant = windows.get(id);
    if (meant === undefined) {
      const error = event(0, id);
      error.writeUInt16LE(sequence & 0xffff, 2);
      return void socket.write(error);
    }
    if (opcode === 2)
      meant.isWatched ||= request.readUInt32LE(12) === (id === rootWindow ? 1 << 19 : 1 << 22);
    else if (opcode === 15) {
      const children = Buffer.alloc(4 * meant.children.size);
      for (const [index, child] of [...meant.children].entries()) children.writeUInt32LE(child, 4 * index);
      reply((bytes) => bytes.writeUInt16LE(meant.children.size, 16), children);
    } else if (opcode === 20) {
      const text = Buffer.from(meant.name, 'latin1').subarray(0, 4 * request.readUInt32LE(20));
      reply((bytes) => {
        bytes[1] = text.length > 0 ? 8 : 0;
        bytes.writeUInt32LE(text.length, 16);
      }, text);
    } else if (opcode === 18) {
      const [property, type] = [8, 12].map((at) => atoms.get(request.readUInt32LE(at)) ?? '?');
      const text = request.subarray(24, 24 + request.readUInt32LE(20));
      const encoding = type === 'STRING' ? 'latin1' : 'utf8';
      given.push([id, property ?? '', type ?? '', text.toString(encoding)]);
      if (property === 'WM_NAME') {
        meant.name = text.toString('latin1');
        if (meant.isWatched) tell(event(28, id, 39));
      }
    }
  };

  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
    let rest = Buffer.alloc(0);
    let sequence = 0;
    socket.once('data', () => {
      socket.write(setupReply([{ width: 1, height: 1, depth: 24 }]));
      socket.on('data', (chunk: Buffer) => {
        rest = Buffer.concat([rest, chunk]);
        while (rest.length >= 4 && rest.length >= 4 * rest.readUInt16LE(2)) {
          const length = 4 * rest.readUInt16LE(2);
          sequence += 1;
          asked += 1;
          serve(socket, rest.subarray(0, length), sequence);
          rest = rest.subarray(length);
        }
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(display, resolve));
  return {
    display,
    given,
    get asked() {
      return asked;
    },
    get connections() {
      return sockets.size;
    },
    add: (id, name = '', parent = rootWindow) => {
      window(id).name = name;
      window(parent).children.add(id);
      if (parent === rootWindow && window(rootWindow).isWatched) tell(event(16, rootWindow, id));
    },
    name: (id, name) => {
      window(id).name = name;
      if (window(id).isWatched) tell(event(28, id, 39));
    },
    remove: (id) => {
      windows.delete(id);
      for (const { children } of windows.values()) children.delete(id);
      if (window(rootWindow).isWatched) tell(event(17, rootWindow, id));
    },
    say: tell,
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
