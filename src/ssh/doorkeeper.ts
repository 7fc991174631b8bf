import type { Socket } from 'node:net';
import { type Peer, peersOf, socketsOf } from './peer.js';

/** Lets in the one connection that is ours. Whoever else comes is closed; how many come makes no difference to us. */
export class Doorkeeper {
  readonly #port: number;
  /** The process that may come in; undefined: any of this user's. */
  readonly #viewer: () => number | undefined;
  readonly #admit: (socket: Socket) => void;
  readonly #refuse: () => void;
  #waiting: Socket[] = [];
  #looking = false;
  #closed = false;

  constructor(options: {
    readonly port: number;
    readonly viewer: () => number | undefined;
    readonly admit: (socket: Socket) => void;
    readonly refuse: () => void;
  }) {
    this.#port = options.port;
    this.#viewer = options.viewer;
    this.#admit = options.admit;
    this.#refuse = options.refuse;
  }

  knock(socket: Socket): void {
    socket.on('error', () => undefined);
    if (this.#closed) this.#turnAway(socket);
    else this.#waiting.push(socket);
    if (!this.#looking) void this.#look();
  }

  /** Nobody is let in any more. */
  close(): void {
    this.#closed = true;
    for (const socket of this.#waiting.splice(0)) this.#turnAway(socket);
  }

  /** One look for all who wait: a flood of strangers costs no more than one of them. */
  async #look(): Promise<void> {
    this.#looking = true;
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0);
      const isOurs = await this.#lookAround();
      for (const socket of batch) {
        if (this.#closed || socket.destroyed || !isOurs(socket.remotePort ?? 0)) this.#turnAway(socket);
        else {
          this.#closed = true;
          this.#admit(socket);
        }
      }
    }
    this.#looking = false;
  }

  async #lookAround(): Promise<(port: number) => boolean> {
    const peers = await peersOf(this.#port);
    if (peers === undefined) return () => true;
    const uid = process.getuid?.();
    const pid = this.#viewer();
    // Only when a connection of this user's waits is it worth a look at processes.
    const some = [...peers.values()].some((peer) => peer.uid === uid);
    const held = pid !== undefined && some ? await socketsOf(pid) : undefined;
    const isOurs = (peer: Peer) => peer.uid === uid && (held === undefined || held.has(peer.inode));
    return (port) => {
      const peer = peers.get(port);
      return peer !== undefined && isOurs(peer);
    };
  }

  #turnAway(socket: Socket): void {
    socket.destroy();
    this.#refuse();
  }
}
