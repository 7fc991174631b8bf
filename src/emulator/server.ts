import type { Socket } from 'node:net';
import ssh2, { type AuthContext, type Connection, type ServerChannel, type Session } from 'ssh2';
import type { FaultPlan } from './faultPlan.js';
import type { Line } from './line.js';

export interface SshPorts {
  readonly plan: FaultPlan;
  readonly door: (context: AuthContext) => void;
  readonly shell: (channel: ServerChannel, command: string) => Promise<void>;
}

/** ssh2's server without a port of its own: it is handed lines, and counts what is open on them. */
export class SshServer {
  readonly clients = new Set<Connection>();
  readonly #channels = new Map<Connection, Set<Session>>();
  #server: ssh2.Server;

  constructor(
    readonly ports: SshPorts,
    hostKey: string,
  ) {
    this.#server = this.#create(hostKey);
  }

  get channels(): number {
    return [...this.#channels.values()].reduce((sum, open) => sum + open.size, 0);
  }

  /** For connections from now on. */
  useHostKey(hostKey: string): void {
    this.#server = this.#create(hostKey);
  }

  serve(line: Line): void {
    line.on('error', () => {});
    // ssh2 only uses the Duplex of it.
    this.#server.injectSocket(line as unknown as Socket);
  }

  #create(hostKey: string): ssh2.Server {
    // Its own keepalive would notice silence; that is the client's part. 0 would mean the default.
    const server = new ssh2.Server({ hostKeys: [hostKey], keepaliveInterval: 2 ** 31 - 1 });
    return server.on('connection', (client) => this.#welcome(client));
  }

  #welcome(client: Connection): void {
    const open = new Set<Session>();
    this.clients.add(client);
    this.#channels.set(client, open);
    client.on('close', () => {
      this.clients.delete(client);
      this.#channels.delete(client);
    });
    client.on('error', () => {});
    client.on('authentication', (context) => this.ports.door(context));
    client.on('session', (accept, reject) => {
      if (open.size >= this.ports.plan.channelLimit) {
        reject();
        return;
      }
      const session = accept();
      open.add(session);
      session.on('close', () => open.delete(session));
      session.on('exec', (take, _refuse, { command }) => {
        void this.ports.shell(take(), command);
      });
    });
  }
}
