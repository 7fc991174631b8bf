import type { Duplex } from 'node:stream';
import type { Connection, TcpipBindInfo } from 'ssh2';
import type { FaultPlan } from './faultPlan.js';
import type { SessionStore } from './sessionStore.js';

interface Grant {
  readonly client: Connection;
  readonly address: string;
}

/** Ports on which this server listens for its clients (tcpip-forward). */
export class Forwards {
  readonly #grants = new Map<number, Grant>();
  #source = 50_000;

  constructor(
    readonly plan: FaultPlan,
    readonly store: SessionStore,
  ) {}

  get ports(): readonly number[] {
    return [...this.#grants.keys()];
  }

  /** The port that was granted, if one was. */
  grant(client: Connection, { bindAddr: address, bindPort }: TcpipBindInfo): number | undefined {
    const port = bindPort === 0 ? this.#freePort() : bindPort;
    if (!this.plan.forwarding || port < 1_024 || this.#isTaken(port)) return undefined;
    this.#grants.set(port, { client, address });
    return port;
  }

  cancel(client: Connection, { bindPort }: TcpipBindInfo): boolean {
    return this.#grants.get(bindPort)?.client === client && this.#grants.delete(bindPort);
  }

  /** The client is gone. */
  drop(client: Connection): void {
    for (const [port, grant] of this.#grants) if (grant.client === client) this.#grants.delete(port);
  }

  /** As a program on the server connects to a port there: the client gets a forwarded-tcpip channel. */
  connect(port: number): Promise<Duplex> {
    return new Promise((resolve, reject) => {
      const grant = this.#grants.get(port);
      if (grant === undefined) {
        reject(new Error(`Nobody listens on port ${port} of the emulator`));
        return;
      }
      grant.client.forwardOut(grant.address, port, '127.0.0.1', this.#source++, (cause, channel) => {
        if (cause) reject(new Error(`The client refused a connection to port ${port}`, { cause }));
        else resolve(channel.on('error', () => {}));
      });
    });
  }

  #isTaken(port: number): boolean {
    const listens = this.store.all.some(
      ({ stopListening, ports }) => stopListening !== undefined && ports?.graphics === port,
    );
    return listens || this.#grants.has(port) || this.plan.takenPorts.has(port);
  }

  #freePort(): number {
    let port = 63_000;
    while (this.#isTaken(port)) port++;
    return port;
  }
}
