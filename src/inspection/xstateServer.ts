/** Where the official inspector's clients connect: a WebSocket on 127.0.0.1, and a page that bridges to the inspector on the web. */
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { WebSocket, WebSocketServer } from 'ws';
import { isWelcome, listenHere, newToken } from './loopback.js';
import { bridgePage } from './xstateBridge.js';
import type { XStateWire } from './xstateWire.js';

export interface XStateServer {
  /** The page for a browser. */
  readonly page: string;
  /** The socket for a client of @statelyai/inspect. */
  readonly socket: string;
  close(): Promise<void>;
}

/** A client that reads slower than this is let go. */
const longestQueue = 16 * 1024 * 1024;

/** Throws config.invalid for a port that cannot be had. `port` 0: one that is free. */
export async function openXStateServer(wire: XStateWire, port = 0): Promise<XStateServer> {
  const token = newToken();
  let bound = port;
  const sockets = new WebSocketServer({ noServer: true, maxPayload: 1024 });
  const server = createServer((request, response) => {
    if (request.method !== 'GET' || !isWelcome(request, bound, token)) {
      response.writeHead(403).end();
      return;
    }
    const nonce = randomBytes(16).toString('base64');
    const { text, headers } = bridgePage(nonce, bound);
    response.writeHead(200, headers).end(text);
  });
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => undefined);
    if (isWelcome(request, bound, token)) {
      sockets.handleUpgrade(request, socket, head, (client) => feedClient(wire, client));
    } else socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n');
  });
  bound = await listenHere(
    server,
    port,
    (why) =>
      `The XState inspector cannot have port ${port}: ${why}. Name another, or none for one that is free`,
  );
  const address = `127.0.0.1:${bound}/?token=${token}`;
  return {
    page: `http://${address}`,
    socket: `ws://${address}`,
    close: async () => {
      for (const client of sockets.clients) client.terminate();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Tells a client all there is and all that happens, as long as it keeps up. */
export function feedClient(wire: XStateWire, client: WebSocket): void {
  const leave = wire.join((message) => {
    if (client.bufferedAmount > longestQueue) client.terminate();
    else if (client.readyState === WebSocket.OPEN) client.send(message, () => undefined);
  });
  client.on('error', () => client.terminate());
  client.on('close', leave);
}
