import { EventEmitter } from 'node:events';
import { X2GoError } from '../errors.js';
import type { Outcome } from '../scope.js';
import { ChannelSlots } from '../ssh/channels.js';
import type { Connection } from '../ssh/connection.js';
import { type ChannelEnd, channelPair } from './channel.js';
import type { SimulatedServer } from './server.js';
import type { Owner } from './time.js';

/** As the real one: 3 s x 3, and a second for a polite end. */
const keepalive = 3_000;
const mostMissed = 3;
const politeEnd = 1_000;

type ClientChannel = Awaited<ReturnType<Connection['open']>>['channel'];

/** A viewer's way to its agent. */
export interface Direct {
  readonly opened: (close: () => void) => void;
  readonly refused: (error: X2GoError) => void;
  readonly up: () => void;
  readonly closed: () => void;
}

/** In the place of an SSH connection: what is sent arrives later and in order, or is held up, or is lost. */
export class SimulatedLine {
  /** Emits `data` whenever anything arrives. */
  readonly socket = new EventEmitter();
  readonly #server: SimulatedServer;
  readonly #slots: ChannelSlots;
  readonly #gone = new Set<(error: X2GoError) => void>();
  readonly #onEnd: (error: X2GoError) => void;
  readonly #channels = new Set<readonly [ChannelEnd, ChannelEnd]>();
  readonly #last: Record<'arrival' | 'elsewhere', number> = { arrival: 0, elsewhere: 0 };
  #held: { readonly to: 'arrival' | 'elsewhere'; readonly happens: () => void }[] = [];
  #phase: 'ready' | 'closing' | 'ended' = 'ready';
  #missed = 0;
  #beat: unknown;
  /** The viewers' ways that the server has to be told the end of. */
  readonly ways = new Set<() => void>();

  constructor(server: SimulatedServer, onEnd: (error: X2GoError) => void) {
    this.#server = server;
    this.#onEnd = onEnd;
    const { clock } = server.time;
    this.#slots = new ChannelSlots(
      (ms, signal) =>
        new Promise((resolve, reject) => {
          const timer = clock.setTimeout(resolve, ms);
          const stop = () => {
            clock.clearTimeout(timer);
            reject(signal.reason);
          };
          if (signal.aborted) stop();
          else signal.addEventListener('abort', stop, { once: true });
        }),
    );
    server.lines.add(this);
    this.#keepAlive();
  }

  get isReady(): boolean {
    return this.#phase === 'ready';
  }

  open(...[signal, yields]: Parameters<Connection['open']>): ReturnType<Connection['open']> {
    const opener = () =>
      new Promise<ClientChannel>((resolve, reject) => {
        if (!this.isReady) throw this.#hasEnded();
        const stop = () => reject(signal.reason);
        signal.addEventListener('abort', stop, { once: true });
        const ungone = this.onGone(reject);
        const answered = () => {
          ungone();
          signal.removeEventListener('abort', stop);
        };
        this.#carry('elsewhere', () => {
          if (this.#channels.size >= this.#server.plan.channelLimit) {
            this.#carry('arrival', () => {
              answered();
              reject(new X2GoError('channel.refused', 'the server refused a channel'));
            });
            return;
          }
          const [mine, theirs] = this.#channel();
          this.#carry('arrival', () => {
            answered();
            if (signal.aborted) mine.close();
            resolve(mine as unknown as ClientChannel);
          });
          this.#server.shell(theirs, () => this.cut());
        });
      });
    return this.#slots.open(opener, signal, yields);
  }

  /** From a viewer here to the agent that listens on that port there. */
  direct(port: number, cookie: string, direct: Direct): void {
    if (!this.isReady) {
      direct.refused(this.#hasEnded());
      return;
    }
    this.#carry('elsewhere', () => {
      const refusal = this.#server.refusalOf(port);
      if (refusal !== undefined) return this.#carry('arrival', () => direct.refused(refusal));
      let leave = () => {};
      this.#carry('arrival', () =>
        direct.opened(() => {
          this.#carry('elsewhere', () => leave());
        }),
      );
      const away = () => leave();
      this.ways.add(away);
      leave = this.#server.meet(port, cookie, {
        up: () => this.#carry('arrival', direct.up),
        closed: () => {
          this.ways.delete(away);
          this.#carry('arrival', direct.closed);
        },
      });
    });
  }

  /** Asks the server to listen for a feature's tunnel, or tells it to stop. */
  forward(granted: (yes: boolean) => void): void {
    this.#carry('elsewhere', () => {
      const yes = this.#server.plan.forwarding;
      this.#carry('arrival', () => granted(yes));
    });
  }

  onGone(gone: (error: X2GoError) => void): () => void {
    this.#gone.add(gone);
    return () => void this.#gone.delete(gone);
  }

  probe(): void {
    this.#ping();
  }

  close(hurry: AbortSignal): Promise<Outcome> {
    const wasReady = this.isReady;
    if (wasReady) this.#phase = 'closing';
    this.#server.time.clock.clearTimeout(this.#beat);
    this.#tellGone(this.#hasEnded());
    if (!wasReady) return Promise.resolve('closed');
    return new Promise((resolve) => {
      const { clock } = this.#server.time;
      const done = (outcome: Outcome) => {
        clock.clearTimeout(timer);
        hurry.removeEventListener('abort', force);
        this.#die();
        resolve(outcome);
      };
      const force = () => done('forced');
      const timer = clock.setTimeout(() => done('cut'), politeEnd);
      hurry.addEventListener('abort', force, { once: true });
      if (hurry.aborted) return force();
      this.#carry('elsewhere', () => this.#carry('arrival', () => done('closed')));
    });
  }

  /** Breaks, and both sides see it at once. */
  cut(): void {
    const wasReady = this.isReady;
    this.#die(true);
    const error = new X2GoError('ssh.closed', 'the connection was reset');
    if (!wasReady) return;
    this.#tellGone(error);
    this.#onEnd(error);
  }

  /** What was held up arrives. */
  heal(): void {
    const held = this.#held;
    this.#held = [];
    for (const { to, happens } of held) this.#carry(to, happens);
  }

  /** Which of our channels are open here. */
  get channels(): number {
    return [...this.#channels].filter(([mine]) => !mine.closed).length;
  }

  #channel(): readonly [ChannelEnd, ChannelEnd] {
    const pair = channelPair(
      (happens) => this.#carry('elsewhere', happens),
      (happens) => this.#carry('arrival', happens),
    );
    this.#channels.add(pair);
    pair[1].once('close', () => this.#channels.delete(pair));
    return pair;
  }

  /** Never faster than what was sent before. */
  #carry(to: Exclude<Owner, 'guardian'>, happens: () => void): void {
    if (this.#phase === 'ended') return;
    const { time, random } = this.#server;
    const due = Math.max(time.now() + random.between(1, 40), this.#last[to]);
    this.#last[to] = due;
    time.after(to, due - time.now(), () => this.#arrive(to, happens));
  }

  #arrive(to: 'arrival' | 'elsewhere', happens: () => void): void {
    if (this.#phase === 'ended') return;
    if (this.#server.silent || this.#held.length > 0) {
      this.#held.push({ to, happens });
      return;
    }
    if (to === 'arrival') {
      this.#missed = 0;
      this.socket.emit('data');
    }
    happens();
    this.#server.pointPassed();
  }

  #ping(): void {
    if (this.isReady) this.#carry('elsewhere', () => this.#carry('arrival', () => undefined));
  }

  #keepAlive(): void {
    this.#beat = this.#server.time.clock.setTimeout(() => {
      this.#missed += 1;
      if (this.#missed > mostMissed) {
        this.#die();
        const error = new X2GoError('ssh.silent', 'the server does not answer any more');
        this.#tellGone(error);
        return this.#onEnd(error);
      }
      this.#ping();
      this.#keepAlive();
    }, keepalive);
  }

  /** Our end is closed; a server that does not hear of it finds out by itself one day. */
  #die(bothKnow = false): void {
    if (this.#phase === 'ended') return;
    this.#phase = 'ended';
    this.#held = [];
    const { time, random, silent, lines } = this.#server;
    time.clock.clearTimeout(this.#beat);
    lines.delete(this);
    for (const [mine] of this.#channels) mine.cutOff();
    const thereToo = () => {
      for (const [, theirs] of [...this.#channels]) theirs.cutOff();
      this.#channels.clear();
      for (const away of [...this.ways]) away();
      this.ways.clear();
    };
    if (bothKnow) thereToo();
    else time.after('elsewhere', silent ? random.between(15_000, 60_000) : random.between(1, 200), thereToo);
  }

  #tellGone(error: X2GoError): void {
    const gone = [...this.#gone];
    this.#gone.clear();
    for (const tell of gone) tell(error);
  }

  #hasEnded(): X2GoError {
    return new X2GoError('ssh.closed', 'the connection has ended');
  }
}
