/** Where the official inspector's clients connect: a WebSocket on 127.0.0.1, and a page that bridges to the inspector on the web. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';
import { isWelcome, newToken } from './loopback.js';
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

/** @param port 0: one that is free */
export async function openXStateServer(wire: XStateWire, port = 0): Promise<XStateServer> {
  const token = newToken();
  const sockets = new WebSocketServer({ noServer: true, maxPayload: 1024 });
  const listening = () => (server.address() as AddressInfo).port;
  const server = createServer((request, response) => {
    if (request.method !== 'GET' || !isWelcome(request, listening(), token)) {
      response.writeHead(403).end();
      return;
    }
    const nonce = randomBytes(16).toString('base64');
    const { text, headers } = bridgePage(nonce, listening());
    response.writeHead(200, headers).end(text);
  });
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy());
    if (isWelcome(request, listening(), token)) {
      sockets.handleUpgrade(request, socket, head, (client) => feed(wire, client));
    } else socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n');
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = `127.0.0.1:${listening()}/?token=${token}`;
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

/** Sends to a server of @statelyai/inspect (createInspectorServer), as an app of its own does. */
export function connectToInspector(wire: XStateWire, url: string): { close(): void } {
  const client = new WebSocket(url);
  client.on('open', () => feed(wire, client));
  client.on('error', () => undefined);
  return { close: () => client.terminate() };
}

function feed(wire: XStateWire, client: WebSocket): void {
  const leave = wire.join((message) => {
    if (client.bufferedAmount > longestQueue) client.terminate();
    else if (client.readyState === WebSocket.OPEN) client.send(message, () => undefined);
  });
  client.on('error', () => client.terminate());
  client.on('close', leave);
}
