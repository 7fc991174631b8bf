import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import ssh2 from 'ssh2';
import { monotonicClock } from '../src/clock.js';
import { hostKeyAlgorithms, sshAlgorithms } from '../src/ssh/algorithms.js';
import { prepareAuthentication } from '../src/ssh/authentication.js';
import { Connection } from '../src/ssh/connection.js';
import { Joints } from '../src/ssh/joints.js';
import { endChild, spawnTied } from '../test/support/real/child.js';
import { eventually } from '../test/support/real/eventually.js';
import { findFreePort } from '../test/support/real/sshd.js';
import type { RealServer } from '../test/support/realServer.js';

/** Two forwards over one connection: ports here that lead to the far ends. */
export interface Forwarded {
  readonly bulk: number;
  readonly echo: number;
  close(): unknown;
}
export type Peer = (server: RealServer, far: { bulk: number; echo: number }) => Promise<Forwarded>;

async function listener(take: (socket: Socket) => void) {
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true }, take);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, close: () => server.close() };
}

/** Our line and our joints, without the graphics listener's one-connection rule. */
export const ours: Peer = async ({ host, port, user, keyFile }, far) => {
  const authentication = await prepareAuthentication(user, { identities: [keyFile] });
  const line = await new Promise<Connection>((resolve, reject) => {
    const made = new Connection({
      profile: { id: 'bench', host, port, user },
      hostKeys: {
        algorithms: [...hostKeyAlgorithms],
        verify: () => true,
        remember: () => true,
        notices: [],
      },
      authentication,
      clock: monotonicClock,
      onEnd: reject,
    });
    made.onReady(() => resolve(made));
  });
  const joints = new Joints(monotonicClock, () => undefined);
  const lead = (to: number) =>
    listener(async (socket) => joints.join(line, socket, await line.openDirect(to), () => undefined));
  const [bulk, echo] = [await lead(far.bulk), await lead(far.echo)];
  const close = () => {
    bulk.close();
    echo.close();
    joints.end();
    return line.close(new AbortController().signal);
  };
  return { bulk: bulk.port, echo: echo.port, close };
};

/** ssh2 with `pipe`, on the same socket and with the same algorithms as ours. */
export const rawSsh2: Peer = async ({ host, port, user, keyFile }, far) => {
  const client = new ssh2.Client();
  const sock = connect({ host, port, noDelay: true });
  client.connect({ sock, username: user, privateKey: readFileSync(keyFile), algorithms: sshAlgorithms() });
  await once(client, 'ready');
  client.on('error', () => undefined);
  const lead = (to: number) =>
    listener((socket) => {
      socket.on('error', () => undefined);
      client.forwardOut('127.0.0.1', 0, '127.0.0.1', to, (cause, channel) => {
        if (cause) return void socket.destroy();
        channel.on('error', () => undefined);
        socket.pipe(channel).pipe(socket);
        socket.on('close', () => channel.close());
      });
    });
  const [bulk, echo] = [await lead(far.bulk), await lead(far.echo)];
  const close = () => {
    bulk.close();
    echo.close();
    sock.destroy();
  };
  return { bulk: bulk.port, echo: echo.port, close };
};

const answers = (port: number) =>
  new Promise<boolean>((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('connect', () => resolve(true)).on('error', () => resolve(false));
    socket.on('connect', () => socket.destroy());
  });

export const openSsh: Peer = async (server, far) => {
  const [bulk, echo] = [await findFreePort(), await findFreePort()];
  const settings = {
    BatchMode: 'yes',
    IdentitiesOnly: 'yes',
    IdentityAgent: 'none',
    UserKnownHostsFile: server.writeKnownHosts(),
    StrictHostKeyChecking: 'yes',
    LogLevel: 'ERROR',
    Ciphers: 'aes128-gcm@openssh.com',
    ExitOnForwardFailure: 'yes',
  };
  const options = Object.entries(settings).flatMap(([key, value]) => ['-o', `${key}=${value}`]);
  const forwards = [
    ...['-L', `127.0.0.1:${bulk}:127.0.0.1:${far.bulk}`],
    ...['-L', `127.0.0.1:${echo}:127.0.0.1:${far.echo}`],
  ];
  const login = ['-i', server.keyFile, '-p', String(server.port), `${server.user}@${server.host}`];
  const child = spawnTied('ssh', ['-F', 'none', '-N', ...options, ...forwards, ...login], {
    stdio: 'ignore',
  });
  await eventually('ssh -L to listen', () => answers(echo));
  return { bulk, echo, close: () => endChild(child) };
};

// Debian's own python, which has the Debian package.
const python = '/usr/bin/python3';
export const pythonAvailable = (): boolean => spawnSync(python, ['-c', 'import x2go']).status === 0;

export const pythonX2go: Peer = async ({ host, port, user, keyFile }, far) => {
  const [bulk, echo] = [await findFreePort(), await findFreePort()];
  const script = fileURLToPath(new URL('pythonForward.py', import.meta.url));
  const words = [script, host, port, user, keyFile, far.bulk, far.echo, bulk, echo].map(String);
  const child = spawnTied(python, words, { stdio: ['ignore', 'pipe', 'ignore'] });
  let said = '';
  child.stdout?.on('data', (data) => {
    said += data;
  });
  await eventually('python-x2go to listen', () => said.includes('ready'));
  return { bulk, echo, close: () => endChild(child) };
};
