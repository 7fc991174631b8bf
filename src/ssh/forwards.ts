import type { Client, ClientChannel } from 'ssh2';
import type { Clock } from '../clock.js';
import { X2GoError } from '../errors.js';
import type { Outcome } from '../scope.js';

/** ssh2 caps nothing that a server opens. */
const mostChannels = { perForward: 32, perLine: 64 };
/** How long a server may take to answer that it listens no more. */
const politeEnd = 1_000;
/** We ask for the loopback by number: what a server makes of a name is its own affair. */
const address = '127.0.0.1';
/** A channel a server would like to open, counted until `free`. */
export interface Offer {
  /** Throws when the line has ended. */
  accept(): ClientChannel;
  /** Refuses it, or gives its place back once it was closed. */
  free(): void;
}
export interface Forward {
  offered(offer: Offer): void;
  /** There are as many as one forward, or all together, may have. */
  refused(): void;
}

/** The part of ssh2's protocol object through which it refuses a channel. */
interface Refusing {
  channelOpenFail(...words: unknown[]): void;
}

/** The ports of a server's loopback where it listens for us, and the channels it opens on their behalf. */
export class Forwards {
  readonly #client: Client;
  readonly #clock: Clock;
  readonly #stands: () => boolean;
  readonly #forwards = new Map<number, { readonly forward: Forward; channels: number }>();
  #channels = 0;
  #refusals = 0;
  /** Refused although they were asked for. */
  #surplus = 0;

  constructor(client: Client, clock: Clock, stands: () => boolean) {
    this.#client = client;
    this.#clock = clock;
    this.#stands = stands;
    client.on('tcp connection', ({ destPort }, accept, reject) => this.#dispatch(destPort, accept, reject));
  }

  /** Channels of any kind that the server tried to open although nobody had asked for them. */
  get unrequested(): number {
    return this.#refusals - this.#surplus;
  }

  /**
   * Counts every refusal. ssh2 refuses by itself what was not asked for and says so in its debug output alone, which costs a
   * twentieth of a tunnel's speed. Called once the client has been told to connect.
   */
  countRefusals(): void {
    const { _protocol: protocol } = this.#client as unknown as { _protocol: Refusing };
    const refuse = protocol.channelOpenFail.bind(protocol);
    protocol.channelOpenFail = (...words) => {
      this.#refusals += 1;
      refuse(...words);
    };
  }

  /** Has the server listen. Throws tunnel.denied, tunnel.portTaken or ssh.closed. */
  async open(port: number, forward: Forward): Promise<void> {
    if (this.#forwards.has(port)) throw taken(port);
    this.#forwards.set(port, { forward, channels: 0 });
    if (await this.#ask(port)) return;
    if (this.#forwards.get(port)?.forward === forward) this.#forwards.delete(port);
    // A refusal has no reason. A server that forwards at all listens where it likes to.
    await this.try();
    throw taken(port);
  }

  /** Whether the server would listen at all. Throws tunnel.denied or ssh.closed. */
  async try(): Promise<void> {
    if (!(await this.#ask(0))) throw denied();
  }

  /** From now on nothing is let in, and the server is asked to listen no more. */
  async close(port: number, forward: Forward, hurry: AbortSignal): Promise<Outcome> {
    if (this.#forwards.get(port)?.forward !== forward) return 'closed';
    this.#forwards.delete(port);
    if (!this.#stands()) return 'closed';
    return new Promise((resolve) => {
      const done = (outcome: Outcome) => {
        this.#clock.clearTimeout(late);
        hurry.removeEventListener('abort', force);
        resolve(outcome);
      };
      const force = () => done('forced');
      const late = this.#clock.setTimeout(() => done('cut'), politeEnd);
      hurry.addEventListener('abort', force, { once: true });
      try {
        this.#client.unforwardIn(address, port, () => done('closed'));
      } catch {
        done('closed');
      }
      if (hurry.aborted) force();
    });
  }

  /** Whether the server listens. On port 0 it is only tried, and given up at once. */
  #ask(port: number): Promise<boolean> {
    return new Promise((resolve, reject) => {
      const gone = (cause: unknown) =>
        reject(new X2GoError('ssh.closed', 'The connection has ended', { cause }));
      try {
        if (!this.#stands()) throw new Error('not connected');
        this.#client.forwardIn(address, port, (cause, granted) => {
          if (!this.#stands()) return gone(cause);
          if (cause === undefined && port === 0) this.#client.unforwardIn(address, granted, () => undefined);
          resolve(cause === undefined);
        });
      } catch (cause) {
        gone(cause);
      }
    });
  }

  #dispatch(port: number, accept: () => ClientChannel, reject: () => void): void {
    const entry = this.#forwards.get(port);
    const full = this.#channels >= mostChannels.perLine || (entry?.channels ?? 0) >= mostChannels.perForward;
    if (entry === undefined || full) {
      if (entry !== undefined) {
        this.#surplus += 1;
        entry.forward.refused();
      }
      reject();
      return;
    }
    entry.channels += 1;
    this.#channels += 1;
    let state: 'offered' | 'accepted' | 'freed' = 'offered';
    entry.forward.offered({
      accept: () => {
        state = 'accepted';
        return accept();
      },
      free: () => {
        if (state === 'freed') return;
        if (state === 'offered' && this.#stands()) {
          this.#surplus += 1;
          reject();
        }
        state = 'freed';
        entry.channels -= 1;
        this.#channels -= 1;
      },
    });
  }
}

const denied = () => new X2GoError('tunnel.denied', 'The server allows no forwarding to here');
const taken = (port: number) =>
  new X2GoError('tunnel.portTaken', `On the server somebody else listens on port ${port}`);
