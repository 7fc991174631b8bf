import { createConnection, type Socket } from 'node:net';
import ssh2, { type GetStreamCallback, type IdentityCallback, type SignCallback } from 'ssh2';

/** A key agent of ours for the programs on a server: ssh2 joins each of their channels to a stream of it. We use no key of it. */
export class ForwardedAgent extends ssh2.BaseAgent {
  readonly #path: string;
  readonly #sockets = new Set<Socket>();

  constructor(path: string) {
    super();
    this.#path = path;
  }

  override getStream(report: GetStreamCallback): void {
    const socket = createConnection(this.#path);
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    // An agent that ends in the middle ends the channel, and nothing else: ssh2 listens to no error of it.
    socket.on('error', () => undefined);
    const fail = (cause: Error) => report(cause);
    socket.once('error', fail);
    socket.once('connect', () => {
      socket.off('error', fail);
      report(null, socket);
    });
  }

  /** Hangs up on the agent: channels of a line that was cut are not closed. */
  close(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  override getIdentities(report: IdentityCallback): void {
    report(null, []);
  }

  override sign(...given: readonly unknown[]): void {
    (given.at(-1) as SignCallback)(new Error('this agent is for the server alone'));
  }
}
