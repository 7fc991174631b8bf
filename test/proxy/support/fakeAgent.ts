import type { AddressInfo } from 'node:net';
import { createServer, type Socket } from 'node:net';

export const cookie = '0123456789abcdef0123456789abcdef';

/** The other end of a stub nxproxy: an agent behind its tunnel. */
export async function fakeAgent() {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
    socket.once('data', (hello) => {
      if (hello.toString() === `NXPROXY ${cookie}\n`) socket.write('NXAGENT ok\n');
      else socket.destroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    connections: () => sockets.size,
    hangUp: () => {
      for (const socket of sockets) socket.end();
    },
    reset: () => {
      for (const socket of sockets) socket.resetAndDestroy();
    },
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
