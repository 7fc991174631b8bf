import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer, type Server, type Socket } from 'node:net';
import { endChild, spawnTied } from './child.js';
import { type Ran, type RunOptions, run } from './run.js';

export interface LoginData {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly keyFile: string;
}

export interface OpenSsh {
  /** The command string as sshd gets it, on a connection of its own. */
  exec(command: string, options?: RunOptions): Promise<Ran>;
  /** A local listener; each connection to it rides on an `ssh -W` of its own. */
  forward(remotePort: number): Promise<Forward>;
}

export interface Forward {
  readonly port: number;
  /** The `ssh -W` processes it has started: SIGKILL one to cut the line under a session. */
  pids(): number[];
  close(): Promise<void>;
}

/** The ssh command of the system as a client, apart from the user's configuration, agent and known_hosts. */
export function openSsh(login: LoginData, knownHostsFile: string): OpenSsh {
  const settings = {
    BatchMode: 'yes',
    IdentitiesOnly: 'yes',
    IdentityAgent: 'none',
    UserKnownHostsFile: knownHostsFile,
    GlobalKnownHostsFile: '/dev/null',
    StrictHostKeyChecking: 'yes',
    LogLevel: 'ERROR',
  };
  const args = [
    ...['-F', 'none', '-i', login.keyFile, '-p', String(login.port)],
    ...Object.entries(settings).flatMap(([key, value]) => ['-o', `${key}=${value}`]),
  ];
  const target = `${login.user}@${login.host}`;

  return {
    exec: (command, options) => run('ssh', [...args, target, command], options),
    forward: async (remotePort) => {
      const children: ChildProcess[] = [];
      const sockets = new Set<Socket>();
      const listener = createServer((socket) => {
        const child = spawnTied('ssh', [...args, '-W', `localhost:${remotePort}`, target], {
          stdio: ['pipe', 'pipe', 'ignore'],
        });
        children.push(child);
        sockets.add(socket);
        if (child.stdin && child.stdout) {
          socket.pipe(child.stdin).on('error', () => socket.destroy());
          child.stdout.pipe(socket);
        }
        socket.on('error', () => child.kill()).on('close', () => child.kill());
        child.on('exit', () => socket.end());
      });
      const port = await listen(listener);
      return {
        port,
        pids: () => children.filter((child) => child.exitCode === null).flatMap((child) => child.pid ?? []),
        close: async () => {
          listener.close();
          for (const socket of sockets) socket.destroy();
          await Promise.all(children.map((child) => endChild(child)));
        },
      };
    },
  };
}

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}
