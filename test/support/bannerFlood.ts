import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';

export interface BannerFlood {
  readonly port: number;
  readonly connections: number;
  /** Bytes handed to the sockets so far. */
  sent(): number;
  [Symbol.asyncDispose](): Promise<void>;
}

/** A server that repeats a text for ever where the SSH banner should be. */
export async function startBannerFlood(text: string): Promise<BannerFlood> {
  const sockets = new Set<Socket>();
  let sent = 0;
  const listener = createServer((socket) => {
    sockets.add(socket);
    const pour = () => {
      while (!socket.destroyed) {
        sent += text.length;
        if (!socket.write(text)) return;
      }
    };
    socket.on('drain', pour).on('error', () => {});
    socket.on('close', () => sockets.delete(socket)).resume();
    pour();
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  return {
    port: (listener.address() as AddressInfo).port,
    get connections() {
      return sockets.size;
    },
    sent: () => sent,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      listener.close();
      await once(listener, 'close');
    },
  };
}
