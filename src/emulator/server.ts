import type { Socket } from 'node:net';
import ssh2, { type AuthContext, type Connection, type ServerChannel, type Session } from 'ssh2';
import type { FaultPlan } from './faultPlan.js';
import type { Forwards } from './forwards.js';
import type { Graphics } from './graphics.js';
import type { Line } from './line.js';

export interface SshPorts {
  readonly plan: FaultPlan;
  readonly door: (context: AuthContext) => void;
  /** `cut` breaks the connection that the channel belongs to. */
  readonly shell: (channel: ServerChannel, command: string, cut: () => void) => Promise<void>;
  readonly graphics: Graphics;
  readonly forwards: Forwards;
}

/** ssh2's server without a port of its own: it is handed lines, and counts what is open on them. */
export class SshServer {
  readonly clients = new Set<Connection>();
  readonly #channels = new Map<Connection, Set<Session>>();
  /** Open direct-tcpip channels. */
  readonly tunnels = new Set<ServerChannel>();
  readonly #owners = new WeakMap<ServerChannel, Connection>();
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

  /** After the plan has changed in whether clients may have tunnels. */
  planForwarding(): void {
    for (const client of this.clients) this.#planForwarding(client);
  }

  #create(hostKey: string): ssh2.Server {
    // Its own keepalive would notice silence; that is the client's part. 0 would mean the default.
    const server = new ssh2.Server({ hostKeys: [hostKey], keepaliveInterval: 2 ** 31 - 1 });
    return server.on('connection', (client) => this.#welcome(client));
  }

  #welcome(client: Connection): void {
    const open = new Set<Session>();
    const { forwards, plan } = this.ports;
    this.clients.add(client);
    this.#channels.set(client, open);
    client.on('close', () => {
      this.clients.delete(client);
      this.#channels.delete(client);
      forwards.drop(client);
      // Whoever reads nothing would not see the end either.
      for (const tunnel of this.tunnels) if (this.#owners.get(tunnel) === client) tunnel.resume();
    });
    client.on('error', () => {});
    client.on('authentication', (context) => this.ports.door(context));
    client.on('session', (accept, reject) => {
      if (open.size >= plan.channelLimit) {
        reject();
        return;
      }
      const session = accept();
      open.add(session);
      session.on('close', () => open.delete(session));
      session.on('exec', (take, _refuse, { command }) => {
        void this.ports.shell(take(), command, () => lineOf(client).cut());
      });
    });
    client.on('request', (accept, reject, name, info) => {
      if (name === 'tcpip-forward') {
        const port = forwards.grant(client, info);
        if (port === undefined) reject?.();
        else accept?.(port);
      } else if (name === 'cancel-tcpip-forward' && forwards.cancel(client, info)) {
        accept?.();
      } else {
        reject?.();
      }
    });
    this.#planForwarding(client);
  }

  /** Without a listener ssh2 answers "administratively prohibited", as sshd does; a reject() says "connect failed". */
  #planForwarding(client: Connection): void {
    client.removeAllListeners('tcpip');
    if (!this.ports.plan.forwarding) return;
    client.on('tcpip', (accept, reject, { destIP, destPort }) => {
      const here = destIP === 'localhost' || destIP === '127.0.0.1' || destIP === '::1';
      const listener = here ? this.ports.graphics.listener(destPort) : undefined;
      if (listener === undefined) {
        reject();
        return;
      }
      const channel = hearingItsClose(accept());
      this.tunnels.add(channel);
      this.#owners.set(channel, client);
      channel.on('close', () => this.tunnels.delete(channel));
      listener(channel);
    });
  }
}

/** ssh2 tells of a channel's close only whoever has read all that came before; behind sshd the agent's socket closes at once. */
function hearingItsClose(channel: ServerChannel): ServerChannel {
  const close = channel.close.bind(channel);
  // ssh2 answers a close with its own.
  return Object.assign(channel, {
    close: () => {
      close();
      channel.unpipe().resume();
    },
  });
}

/** ssh2 does not tell on which line a client came. */
const lineOf = (client: Connection) => (client as unknown as { readonly _sock: Line })._sock;
