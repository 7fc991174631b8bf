import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import ssh2, { type AuthContext, type Connection } from 'ssh2';
import { newKeyPair } from '../../../src/emulator/identity.js';

/** An SSH server in this process that does nothing but lead on. */
export interface HopServer {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly clientKey: string;
  /** `ssh-ed25519 AAAA...` */
  readonly hostKey: string;
  /** Logins under way or done, channels that lead on, and where they led. */
  readonly connections: number;
  readonly channels: number;
  readonly led: string[];
  readonly attempts: string[];
  /** What it does with a request to lead on. @default 'lead' */
  behaves: 'lead' | 'refuse' | 'forbid' | 'keepSilent';
  /** Hears nothing any more, and says nothing. */
  freeze(): void;
  /** Cuts all its connections without a word. */
  cut(): void;
  [Symbol.asyncDispose](): Promise<void>;
}

export async function startHop(
  options: {
    readonly password?: string;
    readonly user?: string;
    /** A private key that is let in. @default one of its own */
    readonly clientKey?: string;
    readonly mute?: boolean;
  } = {},
): Promise<HopServer> {
  const { user = 'gatekeeper', password } = options;
  const host = newKeyPair();
  const clientKey = options.clientKey ?? newKeyPair().private;
  const allowed = ssh2.utils.parseKey(clientKey);
  if (allowed instanceof Error) throw allowed;
  const sockets = new Set<Socket>();
  const channels = new Set<unknown>();
  const onward = new Set<Socket>();
  const led: string[] = [];
  const attempts: string[] = [];

  const judge = (context: AuthContext) => {
    attempts.push(context.method);
    const isKey =
      context.method === 'publickey' &&
      context.key.data.equals(allowed.getPublicSSH()) &&
      (context.signature === undefined ||
        allowed.verify(context.blob ?? Buffer.alloc(0), context.signature, context.hashAlgo) === true);
    const isPassword = context.method === 'password' && context.password === password;
    if (context.username === user && (isKey || isPassword)) context.accept();
    else context.reject(['publickey', 'password']);
  };
  const serve = (connection: Connection) => {
    connection.on('error', () => undefined);
    connection.on('authentication', judge);
    connection.on('request', (_accept, reject) => reject?.());
    connection.on('ready', () => {
      if (handle.behaves === 'forbid') return;
      connection.on('tcpip', (accept, reject, { destIP, destPort }) => {
        led.push(`${destIP}:${destPort}`);
        if (handle.behaves === 'keepSilent') return;
        if (handle.behaves === 'refuse') return reject();
        const socket = connect(destPort, destIP);
        onward.add(socket);
        socket.on('error', () => reject());
        socket.on('close', () => onward.delete(socket));
        socket.once('connect', () => {
          const channel = accept();
          channels.add(channel);
          // ssh2 does not close the channels of a connection that was cut.
          connection.once('close', () => {
            channels.delete(channel);
            socket.destroy();
          });
          channel.on('close', () => {
            channels.delete(channel);
            socket.destroy();
          });
          socket.on('error', () => channel.end());
          channel.on('error', () => undefined);
          channel.pipe(socket).pipe(channel);
        });
      });
    });
  };
  const ssh = new ssh2.Server({ hostKeys: [host.private] }, serve);
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    if (options.mute !== true) ssh.injectSocket(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const handle: HopServer = {
    host: '127.0.0.1',
    port: (server.address() as AddressInfo).port,
    user,
    clientKey,
    hostKey: host.public.split(' ').slice(0, 2).join(' '),
    led,
    attempts,
    behaves: 'lead',
    get connections() {
      return sockets.size;
    },
    get channels() {
      return channels.size;
    },
    freeze() {
      for (const socket of sockets) socket.pause();
    },
    cut() {
      for (const socket of [...sockets, ...onward]) socket.destroy();
    },
    async [Symbol.asyncDispose]() {
      handle.cut();
      server.close();
      await once(server, 'close');
    },
  };
  return handle;
}
