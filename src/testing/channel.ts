import { EventEmitter } from 'node:events';

/** Puts something on its way to the other side. */
export type Carry = (happens: () => void) => void;

class Complaints extends EventEmitter {
  constructor(readonly write: (text: string) => boolean) {
    super();
  }
  resume(): this {
    return this;
  }
}

/** One end of a channel without a network: as much of ssh2's as our actors and the emulator's shell use. */
export class ChannelEnd extends EventEmitter {
  closed = false;
  peer: ChannelEnd | undefined;
  #ended = false;
  #closing = false;
  #code: number | undefined;
  readonly stderr = new Complaints((text) => {
    this.#say(() => this.peer?.stderr.emit('data', Buffer.from(text)));
    return true;
  });

  constructor(
    readonly carry: Carry,
    /** Whether the program that runs in it is on this side: its end is the channel's. */
    readonly runs: boolean,
  ) {
    super();
    this.setMaxListeners(0);
  }

  get destroyed(): boolean {
    return this.closed;
  }

  write(data: string | Buffer): boolean {
    if (!this.#ended) this.#say(() => this.peer?.hear(Buffer.from(data)));
    return true;
  }

  end(): void {
    if (this.runs) this.close();
    if (this.#ended) return;
    this.#ended = true;
    this.#say(() => this.peer?.emit('end'));
  }

  /** A signal's name: it was ended by that. */
  exit(code: number | string): void {
    const told = typeof code === 'number' ? code : null;
    this.#say(() => {
      if (this.peer === undefined) return;
      this.peer.#code = told ?? undefined;
      this.peer.emit('exit', told);
    });
  }

  close(): void {
    if (this.#closing || this.closed) return;
    this.#ended = true;
    const { peer } = this;
    this.carry(() => {
      if (peer !== undefined) peer.#closes();
    });
    this.#closing = true;
  }

  destroy(): this {
    this.close();
    return this;
  }

  resume(): this {
    return this;
  }

  setEncoding(): this {
    return this;
  }

  /** The line broke. */
  cutOff(): void {
    if (this.closed) return;
    this.closed = true;
    this.emit('close');
  }

  hear(data: Buffer): void {
    if (!this.closed) this.emit('data', this.runs ? data.toString('utf8') : data);
  }

  #closes(): void {
    if (this.closed) return;
    this.close();
    this.closed = true;
    this.emit('close', this.#code);
  }

  #say(happens: () => void): void {
    if (!this.#closing && !this.closed) this.carry(happens);
  }
}

/** Both ends, the client's first. */
export function channelPair(toServer: Carry, toClient: Carry): readonly [ChannelEnd, ChannelEnd] {
  const client = new ChannelEnd(toServer, false);
  const server = new ChannelEnd(toClient, true);
  client.peer = server;
  server.peer = client;
  return [client, server];
}
