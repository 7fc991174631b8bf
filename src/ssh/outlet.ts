import type { Duplex } from 'node:stream';

/**
 * How much may wait in front of the SSH socket before bulk is held. ssh2 acknowledges whatever fits a channel's window of
 * 2 MiB, so without this a small message of another channel queues behind all of that (p50 7 ms, with it 0.7 ms). Where
 * there are no small messages more may wait: the socket then never runs dry while we are not scheduled.
 */
const held = { forOthers: 64 * 1024, alone: 1024 * 1024 };
/** How long after a small message more of them are expected, in ms. */
const talking = 1_000;

/** The way out that all channels of a line share: its SSH socket, as the tunnels write to it. */
export class Outlet {
  readonly #socket: Duplex;
  readonly #under: Outlet | undefined;
  #gathering = false;
  #heardAt = Number.NEGATIVE_INFINITY;
  #waiting = new Set<() => void>();

  /** `under`: the way out of the hop whose channel the socket is. */
  constructor(socket: Duplex, under?: Outlet) {
    this.#socket = socket;
    this.#under = under;
    socket.on('drain', () => this.#flow());
  }

  /** What one turn of the event loop writes leaves in one system call; writing each packet alone costs a fifth of the speed. */
  gather(): void {
    if (this.#under !== undefined) {
      this.#under.gather();
      return;
    }
    if (this.#gathering) return;
    this.#gathering = true;
    this.#socket.cork();
    setImmediate(() => {
      this.#gathering = false;
      this.#socket.uncork();
    });
  }

  /** A small message has just gone out. */
  heard(): void {
    this.#heardAt = performance.now();
    this.#under?.heard();
  }

  get isFull(): boolean {
    if (this.#under?.isFull) return true;
    const waiting = this.#socket.writableLength;
    if (waiting <= held.forOthers) return false;
    return waiting > held.alone || performance.now() - this.#heardAt < talking;
  }

  /** Calls once there is room again. A line that ended never has room: whoever waits ends with his channel. */
  whenRoom(flow: () => void): void {
    this.#waiting.add(flow);
    this.#under?.whenRoom(flow);
  }

  forget(flow: () => void): void {
    this.#waiting.delete(flow);
    this.#under?.forget(flow);
  }

  #flow(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const flow of waiting) flow();
  }
}
