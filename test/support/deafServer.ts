import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import ssh2 from 'ssh2';
import { newKeyPair } from '../../src/emulator/identity.js';
import type { Endpoint } from './guard.js';

export interface DeafServer extends Endpoint {
  /** Channels somebody asked for, and got no answer about. */
  readonly asked: number;
  /** Answers all of them now: granted. */
  grant(): void;
  /** Channels that are open. */
  readonly granted: number;
  [Symbol.asyncDispose](): Promise<void>;
}

/** An SSH server that lets everybody in, answers keepalives, and leaves every channel request unanswered. */
export async function startDeafServer(): Promise<DeafServer> {
  const host = newKeyPair();
  const key = newKeyPair();
  const sockets = new Set<Socket>();
  const held: (() => void)[] = [];
  let asked = 0;
  let granted = 0;
  const server = new ssh2.Server({ hostKeys: [host.private] }, (client) => {
    client.on('authentication', (context) => context.accept());
    client.on('error', () => {});
    client.on('session', (accept) => {
      asked++;
      held.push(() => {
        const session = accept();
        granted++;
        session.on('close', () => granted--);
        session.on('exec', (take) => void take());
      });
    });
  });
  const listener = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    server.injectSocket(socket);
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  return {
    host: '127.0.0.1',
    port: (listener.address() as AddressInfo).port,
    user: 'alice',
    clientKey: key.private,
    hostKey: host.public.split(' ').slice(0, 2).join(' '),
    get asked() {
      return asked;
    },
    get granted() {
      return granted;
    },
    grant: () => {
      for (const answer of held.splice(0)) answer();
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      listener.close();
      await once(listener, 'close');
    },
  };
}
