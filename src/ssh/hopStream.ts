import { Duplex } from 'node:stream';
import type { ClientChannel } from 'ssh2';
import { X2GoError } from '../errors.js';
import type { Connection } from './connection.js';
import { printable } from './credentials.js';

/**
 * A channel over a hop, as the socket of the next connection. ssh2's own stream acknowledges what it has not sent, and once
 * destroyed never closes where the hop does not answer.
 */
class HopStream extends Duplex {
  readonly #channel: ClientChannel;
  #written: (() => void) | undefined;
  #isClosed = false;

  constructor(channel: ClientChannel) {
    super({ allowHalfOpen: false });
    this.#channel = channel;
    channel.on('data', (chunk: Buffer) => {
      if (!this.push(chunk)) channel.pause();
    });
    channel.on('error', (cause: Error) => this.destroy(cause));
    channel.on('end', () => this.push(null));
    channel.on('close', () => {
      this.#isClosed = true;
      this.#release();
    });
    // Nobody reads it, and it would fill the channel's window.
    channel.stderr.resume();
  }

  override _read(): void {
    this.#channel.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    if (this.#isClosed) {
      done();
      return;
    }
    this.#written = done;
    // Called once the hop's window has room for it.
    this.#channel.write(chunk, () => this.#release());
  }

  override _final(done: () => void): void {
    this.#channel.end();
    done();
  }

  override _destroy(cause: Error | null, done: (cause: Error | null) => void): void {
    try {
      this.#channel.close();
    } catch {
      // The hop's line ended in this very moment.
    }
    this.#channel.resume();
    done(cause);
  }

  #release(): void {
    const written = this.#written;
    this.#written = undefined;
    written?.();
  }
}

/** From a hop to the next host. Throws tunnel.denied, ssh.refused, ssh.unreachable or ssh.closed. */
export async function openOnward(hop: Connection, host: string, port: number): Promise<Duplex> {
  const channel = await hop.openDirect(port, host).catch((cause: unknown) => {
    throw cause instanceof X2GoError && cause.code === 'tunnel.failed' ? notThere(host, port, cause) : cause;
  });
  return new HopStream(channel);
}

function notThere(host: string, port: number, cause: X2GoError): X2GoError {
  const said = cause.cause instanceof Error ? printable(cause.cause.message) : '';
  const code = /refused/i.test(said) ? 'ssh.refused' : 'ssh.unreachable';
  const why = said.replace(/^\(SSH\) Channel open failure: /, '') || 'it does not say why';
  return new X2GoError(code, `From there ${host}:${port} cannot be reached: ${why}`, { cause });
}
