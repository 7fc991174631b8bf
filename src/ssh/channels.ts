import { X2GoError } from '../errors.js';

/** sshd allows 10 channels a connection (MaxSessions); two stay free for others on the same login. */
const mostChannels = 8;

export interface Slot<Channel> {
  readonly channel: Channel;
  /** To be called once the channel is closed. */
  readonly free: () => void;
}

/**
 * Opens channels, at most eight at once, the others queue. A server that allows fewer refuses the surplus; it is then
 * asked for no more than it granted, and what was refused waits its turn.
 */
export class ChannelSlots {
  #limit = mostChannels;
  #busy = 0;
  #waiting: (() => void)[] = [];
  #yields: (() => void)[] = [];

  /** `yields` marks a channel that gives way when the server grants no other one. */
  async open<Channel>(
    opener: () => Promise<Channel>,
    signal: AbortSignal,
    yields?: () => void,
  ): Promise<Slot<Channel>> {
    for (;;) {
      // Both may have changed while it waited for its turn; whoever does not take it passes it on.
      if (signal.aborted || (yields !== undefined && this.#limit < 2)) {
        this.#next();
        throw signal.aborted ? signal.reason : crowded();
      }
      if (this.#busy >= this.#limit) {
        await this.#turn(signal);
        continue;
      }
      this.#busy += 1;
      try {
        const channel = await opener();
        if (yields) this.#yields.push(yields);
        // Somebody may have been refused while this one was on its way.
        this.#makeWay();
        return { channel, free: this.#freeOnce(yields) };
      } catch (cause) {
        this.#busy -= 1;
        const full = cause instanceof X2GoError && cause.code === 'channel.refused' && this.#busy > 0;
        if (!full) {
          this.#next();
          throw cause;
        }
        this.#limit = this.#busy;
      }
    }
  }

  #freeOnce(yields: (() => void) | undefined): () => void {
    let freed = false;
    return () => {
      if (freed) return;
      freed = true;
      if (yields) this.#yields = this.#yields.filter((other) => other !== yields);
      this.#busy -= 1;
      this.#next();
    };
  }

  #turn(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const go = () => {
        signal.removeEventListener('abort', stop);
        resolve();
      };
      const stop = () => {
        this.#waiting = this.#waiting.filter((waiter) => waiter !== go);
        reject(signal.reason);
      };
      signal.addEventListener('abort', stop, { once: true });
      this.#waiting.push(go);
      this.#makeWay();
    });
  }

  /** Nobody waits for ever behind channels that give way. */
  #makeWay(): void {
    const held = this.#busy >= this.#limit && this.#busy === this.#yields.length;
    if (held && this.#waiting.length > 0) for (const give of [...this.#yields]) give();
  }

  #next(): void {
    if (this.#busy < this.#limit) this.#waiting.shift()?.();
  }
}

const crowded = () =>
  new X2GoError('channel.refused', 'the server grants too few channels (MaxSessions) for a state watch');
