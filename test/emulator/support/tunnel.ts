import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import type { Client, ClientChannel } from 'ssh2';

/** A direct-tcpip channel to a port of the server's loopback; rejects with the server's reason. */
export function channelTo(client: Client, port: number): Promise<ClientChannel> {
  return new Promise((resolve, reject) => {
    client.forwardOut('127.0.0.1', 40_000, 'localhost', port, (cause, channel) =>
      cause ? reject(cause) : resolve(channel.on('error', () => {})),
    );
  });
}

/** Everything that comes, and whether it has ended. */
export class Heard {
  text = '';
  closed = false;

  constructor(readonly channel: ClientChannel) {
    channel.on('data', (chunk: Buffer) => {
      this.text += chunk.toString('latin1');
    });
    channel.on('end', () => channel.end());
    channel.on('close', () => {
      this.closed = true;
    });
  }
}

/** A local port whose connections go to that port of the server, as a graphics tunnel. */
export async function localForward(client: Client, serverPort: number) {
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    channelTo(client, serverPort).then(
      (channel) => {
        socket.pipe(channel).pipe(socket);
        channel.on('close', () => socket.destroy());
        socket.on('close', () => channel.close());
      },
      () => socket.destroy(),
    );
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
