import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';

/** Bytes the server may still send on all lines together before they are cut. */
export interface SendBudget {
  left: number;
  spent(): void;
}

/**
 * A TCP connection with a tap: ssh2 talks to this, this talks to the socket. Silenced, it neither reads nor
 * writes, so that the other end sees what a silently cut network shows it; opened again, nothing is missing.
 */
export class Line extends Duplex {
  #silent = false;
  #held: (() => void) | undefined;

  constructor(
    readonly socket: Socket,
    /** One for all lines of an emulator; undefined when nothing is planted. */
    readonly budget: () => SendBudget | undefined,
  ) {
    super({ allowHalfOpen: false });
    socket.pause();
    socket.on('data', (chunk) => {
      if (!this.push(chunk)) socket.pause();
    });
    socket.on('end', () => this.push(null));
    // A cut line is an everyday event here, not an error.
    socket.on('error', () => undefined);
    socket.on('close', () => this.destroy());
  }

  silence(): void {
    this.#silent = true;
    this.socket.pause();
  }

  open(): void {
    this.#silent = false;
    const held = this.#held;
    this.#held = undefined;
    held?.();
    this.socket.resume();
  }

  /** Breaks, when what was sent has left. */
  cut(): void {
    this.end(() => this.destroy());
  }

  override _read(): void {
    if (!this.#silent) this.socket.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    if (this.#silent) {
      this.#held = () => this._write(chunk, _encoding, done);
      return;
    }
    const budget = this.budget();
    if (budget === undefined || chunk.length < budget.left) {
      if (budget !== undefined) budget.left -= chunk.length;
      this.socket.write(chunk, () => done());
      return;
    }
    // The last bytes must leave before the cut, or fewer arrive than were promised.
    this.socket.write(chunk.subarray(0, budget.left), () => budget.spent());
    budget.left = 0;
  }

  override _final(done: () => void): void {
    if (this.#silent) this.#held = () => this._final(done);
    else this.socket.end(() => done());
  }

  override _destroy(_cause: Error | null, done: () => void): void {
    this.socket.destroy();
    done();
  }
}
