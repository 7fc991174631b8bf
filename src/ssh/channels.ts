import { X2GoError } from '../errors.js';

/** sshd allows 10 channels a connection (MaxSessions); two stay free for others on the same login. */
const mostChannels = 8;
/**
 * Pauses after refusals, in ms. sshd counts a session until its process has been reaped, a little longer than the
 * channel lives (seen with MaxSessions 1): a refusal right after a close says nothing about the limit.
 */
const linger = [100, 200, 400, 800, 1_600];
/** This many refusals in a row are the limit's doing. */
const believed = 2;

export interface Slot<Channel> {
  readonly channel: Channel;
  /** To be called once the channel is closed. */
  readonly free: () => void;
}

export type Pause = (ms: number, signal: AbortSignal) => Promise<void>;

/**
 * Opens channels, at most eight at once, the others queue. A server that allows fewer refuses the surplus; it is then
 * asked for no more than it granted, and what was refused waits its turn.
 */
export class ChannelSlots {
  #limit = mostChannels;
  /** Granted or asked for. */
  #busy = 0;
  #granted = 0;
  #waiting: (() => void)[] = [];
  #yields: (() => void)[] = [];
  readonly #pause: Pause;

  constructor(pause: Pause) {
    this.#pause = pause;
  }

  /** `yields` marks a channel that gives way when the server grants no other one. */
  async open<Channel>(
    opener: () => Promise<Channel>,
    signal: AbortSignal,
    yields?: () => void,
  ): Promise<Slot<Channel>> {
    for (let refusals = 0; ; ) {
      await this.#place(signal, yields);
      try {
        const channel = await opener();
        this.#granted += 1;
        if (yields) this.#yields.push(yields);
        this.#makeRoom();
        return { channel, free: this.#freeOnce(yields) };
      } catch (cause) {
        this.#busy -= 1;
        refusals += 1;
        const refused = cause instanceof X2GoError && cause.code === 'channel.refused';
        if (refused && refusals >= believed && this.#granted > 0) this.#limit = this.#granted;
        this.#next();
        const ms = linger[refusals - 1];
        if (!refused || (ms === undefined && this.#granted === 0)) throw cause;
        if (refusals < believed || this.#granted === 0) await this.#pause(ms ?? 0, signal);
      }
    }
  }

  /** Takes a place, at once or in turn: whoever asks meanwhile finds it taken. */
  async #place(signal: AbortSignal, yields: (() => void) | undefined): Promise<void> {
    const isCrowded = () => yields !== undefined && this.#limit < 2;
    if (isCrowded()) throw crowded();
    signal.throwIfAborted();
    if (this.#busy < this.#limit) this.#busy += 1;
    else await this.#turn(signal);
    if (!isCrowded() && !signal.aborted) return;
    // It was this one's turn: somebody else's now.
    this.#busy -= 1;
    this.#next();
    signal.throwIfAborted();
    throw crowded();
  }

  #freeOnce(yields: (() => void) | undefined): () => void {
    let freed = false;
    return () => {
      if (freed) return;
      freed = true;
      if (yields) this.#yields = this.#yields.filter((other) => other !== yields);
      this.#busy -= 1;
      this.#granted -= 1;
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
      this.#makeRoom();
    });
  }

  /** The place that became free goes to the one who waits longest. */
  #next(): void {
    if (this.#busy >= this.#limit) return;
    const go = this.#waiting.shift();
    if (go === undefined) return;
    this.#busy += 1;
    go();
  }

  /** When somebody waits and only channels that give way hold the places, they do. */
  #makeRoom(): void {
    const full = this.#busy >= this.#limit && this.#granted === this.#yields.length;
    if (this.#waiting.length > 0 && full) for (const give of [...this.#yields]) give();
  }
}

const crowded = () =>
  new X2GoError('channel.refused', 'the server grants too few channels (MaxSessions) for a state watch');
