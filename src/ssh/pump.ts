import type { Socket } from 'node:net';
import type { ClientChannel } from 'ssh2';
import type { Outlet } from './outlet.js';

/** Bytes in one direction of a joint: what was handed over, and what of it nobody has taken yet. */
export interface Lane {
  written: number;
  waiting(): number;
}

export interface PumpOptions {
  readonly local: Socket;
  readonly channel: ClientChannel;
  readonly outlet: Outlet;
  /** Whether the line still stands: a channel that ends with its line was cut short. */
  readonly stands: () => boolean;
  readonly onMoved: (way: 'sent' | 'received', bytes: number) => void;
  /** Once, when both ends are closed. */
  readonly onEnd: () => void;
}

/** What is no bulk leaves at once. */
const small = 4 * 1024;
/** How much may wait for a local reader before the channel is not read any more. */
const localHeld = 256 * 1024;

/** Joins a socket here with a channel: bytes both ways, each end's end passed on, neither faster than the other reads. */
export class Pump {
  readonly local: Socket;
  readonly toServer: Lane;
  readonly toLocal: Lane;
  readonly #channel: ClientChannel;
  readonly #options: PumpOptions;
  #paused = false;
  #wasSmall = false;
  #gathering = false;
  #localClosed = false;
  #channelClosed = false;

  constructor(options: PumpOptions) {
    const { local, channel } = options;
    this.#options = options;
    this.local = local;
    this.#channel = channel;
    this.toServer = { written: 0, waiting: () => channel.writableLength };
    this.toLocal = { written: 0, waiting: () => local.writableLength };

    local.on('data', this.#send);
    local.on('end', () => channel.end());
    local.on('error', () => undefined);
    local.on('close', () => {
      this.#localClosed = true;
      this.#leaveChannel();
      this.#finish();
    });
    channel.on('data', this.#receive);
    channel.on('end', () => (options.stands() ? local.end() : this.#cutLocal()));
    channel.on('error', () => this.end());
    channel.on('close', () => {
      this.#channelClosed = true;
      options.outlet.forget(this.#flow);
      // What the server has sent is still written; nobody takes what comes from here.
      local.off('data', this.#send);
      local.resume();
      if (options.stands()) local.destroySoon();
      else this.#cutLocal();
      this.#finish();
    });
    local.on('drain', this.#flow);
    if (local.destroyed) {
      this.#localClosed = true;
      this.#leaveChannel();
    } else local.resume();
  }

  /** Neither end is read from. */
  pause(): void {
    this.#paused = true;
    this.local.pause();
    this.#channel.pause();
  }

  resume(): void {
    this.#paused = false;
    this.#flow();
  }

  /** At once, whatever is on its way. */
  end(): void {
    this.local.destroy();
    this.#channel.end();
    this.#closeChannel();
  }

  readonly #send = (chunk: Buffer): void => {
    const { outlet, onMoved } = this.#options;
    // The server has closed the channel and its last bytes are still being read here.
    if (this.#channel.writableEnded) return;
    this.toServer.written += chunk.length;
    onMoved('sent', chunk.length);
    // Two in a row: also a bulk stream has a short piece now and then.
    if (chunk.length > small) outlet.gather();
    else if (this.#wasSmall) outlet.heard();
    this.#wasSmall = chunk.length <= small;
    this.#channel.write(chunk, this.#flow);
    if (this.#isHeld()) this.local.pause();
  };

  readonly #receive = (chunk: Buffer): void => {
    this.toLocal.written += chunk.length;
    this.#options.onMoved('received', chunk.length);
    if (chunk.length > small) this.#gatherLocal();
    this.local.write(chunk);
    if (this.local.writableLength > localHeld) this.#channel.pause();
  };

  /** What one turn of the event loop brings leaves in one system call, as in Outlet.gather(). */
  #gatherLocal(): void {
    if (this.#gathering) return;
    this.#gathering = true;
    this.local.cork();
    setImmediate(() => {
      this.#gathering = false;
      this.local.uncork();
    });
  }

  /** Whether the local end is not to be read now. Whatever holds it calls #flow: resume(), the last write, the outlet. */
  #isHeld(): boolean {
    if (this.#paused) return true;
    // ssh2 keeps bytes of a channel only when the server's window is used up.
    if (this.#channel.writableLength > 0) return true;
    const { outlet } = this.#options;
    if (outlet.isFull) outlet.whenRoom(this.#flow);
    return outlet.isFull;
  }

  readonly #flow = (): void => {
    if (this.#paused) return;
    if (this.local.isPaused() && !this.#isHeld()) this.local.resume();
    if (this.#channel.isPaused() && this.local.writableLength <= localHeld) this.#channel.resume();
  };

  /** Nobody here reads any more; what was said here before is still sent. */
  #leaveChannel(): void {
    // ssh2 says 'close' only after everything was read.
    this.#channel.off('data', this.#receive);
    this.#channel.resume();
    this.#channel.end(() => this.#closeChannel());
  }

  #closeChannel(): void {
    if (this.#channelClosed) return;
    try {
      this.#channel.close();
    } catch {
      // The line ended in this very moment; its 'close' tells.
    }
  }

  /** A stream that was cut short is not to look complete. */
  #cutLocal(): void {
    if (this.local.destroyed) return;
    // resetAndDestroy() says FIN before the reset, and who reads in between sees a complete stream (5 of 1,000, tried).
    Object.assign(this.local, { resetAndClosing: true });
    this.local.destroy();
  }

  #finish(): void {
    if (this.#localClosed && this.#channelClosed) this.#options.onEnd();
  }
}
