import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** `up`: from the client to the server. `down`: back. */
export type Direction = 'up' | 'down';

export interface StallingProxy {
  readonly port: number;
  /** Connections a client has open here now, and connections since the start. */
  readonly open: number;
  readonly accepted: number;
  /** Bytes that came from clients, forwarded or not. */
  readonly heard: number;
  /** Bytes that were read and thrown away since swallow(). */
  readonly swallowed: number;
  /** Nothing is read any more, so nothing is acknowledged for long: a silently cut line. */
  stall(direction?: Direction): void;
  /** Everything is read, hence acknowledged, and nothing forwarded: a black hole that looks alive to TCP. */
  swallow(direction?: Direction): void;
  /** Goes on as before; what a stall held up arrives, what was swallowed does not. */
  heal(): void;
  /** RST to the client on every connection. */
  reset(): void;
  /** FIN to the client after so many more bytes from the server: in the middle of a packet, if so. */
  finAfter(bytes: number): void;
  /** New connections are accepted and hear nothing, ever. */
  saySilence(): void;
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

interface Pair {
  readonly client: Socket;
  readonly server: Socket;
}

/** A TCP proxy in this process, in front of a server on this machine (of the moment), with what a bad network does. */
export async function startStallingProxy(
  target: { port: number } | { readonly port: number },
): Promise<StallingProxy> {
  const pairs = new Set<Pair>();
  const mute = new Set<Socket>();
  const how: Record<Direction, 'forward' | 'stall' | 'swallow'> = { up: 'forward', down: 'forward' };
  let silent = false;
  let accepted = 0;
  let swallowed = 0;
  let heard = 0;
  let finIn = Number.POSITIVE_INFINITY;

  const forward = (from: Socket, to: Socket, direction: Direction) => {
    from.on('data', (chunk: Buffer) => {
      if (direction === 'up') heard += chunk.length;
      if (how[direction] === 'swallow') {
        swallowed += chunk.length;
        return;
      }
      const finNow = direction === 'down' && chunk.length >= finIn;
      if (direction === 'down') finIn -= chunk.length;
      const piece = finNow ? chunk.subarray(0, finIn + chunk.length) : chunk;
      if (!to.write(piece)) from.pause();
      if (finNow) to.end();
    });
    to.on('drain', () => how[direction] !== 'stall' && from.resume());
    from.on('end', () => how[direction] === 'forward' && to.end());
    from.on('error', () => to.destroy());
    from.on('close', () => to.destroy());
  };
  const listener = createServer({ noDelay: true, allowHalfOpen: true }, (client) => {
    accepted++;
    if (silent) {
      mute.add(client);
      client.on('error', () => {}).on('close', () => mute.delete(client));
      client.on('end', () => client.end()).resume();
      return;
    }
    const server = connect({ host: '127.0.0.1', port: target.port, noDelay: true });
    const pair = { client, server };
    pairs.add(pair);
    client.on('close', () => pairs.delete(pair));
    forward(client, server, 'up');
    forward(server, client, 'down');
    setHow(how);
  });
  const setHow = (next: Partial<typeof how>) => {
    Object.assign(how, next);
    for (const { client, server } of pairs) {
      for (const [socket, direction] of [
        [client, 'up'],
        [server, 'down'],
      ] as const) {
        if (how[direction] === 'stall') socket.pause();
        else socket.resume();
      }
    }
  };
  const each = (direction: Direction | undefined, what: 'stall' | 'swallow') =>
    setHow(direction === undefined ? { up: what, down: what } : { [direction]: what });

  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const close = async () => {
    const closed = listener.listening ? once(listener, 'close') : undefined;
    listener.close();
    for (const { client, server } of pairs) {
      client.destroy();
      server.destroy();
    }
    for (const socket of mute) socket.destroy();
    await closed;
  };
  return {
    port: (listener.address() as AddressInfo).port,
    get open() {
      return pairs.size + mute.size;
    },
    get accepted() {
      return accepted;
    },
    get heard() {
      return heard;
    },
    get swallowed() {
      return swallowed;
    },
    stall: (direction) => each(direction, 'stall'),
    swallow: (direction) => each(direction, 'swallow'),
    heal: () => {
      silent = false;
      setHow({ up: 'forward', down: 'forward' });
    },
    reset: () => {
      for (const { client } of pairs) client.resetAndDestroy();
    },
    finAfter: (bytes) => {
      finIn = bytes;
    },
    saySilence: () => {
      silent = true;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}
