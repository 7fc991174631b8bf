import type { Duplex } from 'node:stream';
import ssh2, { type Client, type ClientChannel, type ExecOptions } from 'ssh2';
import type { Clock } from '../clock.js';
import { pause } from '../endsWithin.js';
import { X2GoError } from '../errors.js';
import { execString } from '../protocol/script.js';
import type { Outcome } from '../scope.js';
import { sshAlgorithms } from './algorithms.js';
import type { Authentication } from './authentication.js';
import { guardBanner } from './banner.js';
import { ChannelSlots, type Slot } from './channels.js';
import { endedInLogin, explainConnection } from './explain.js';
import type { ForwardedAgent } from './forwardedAgent.js';
import { Forwards } from './forwards.js';
import type { HostKeys } from './hostKeys.js';
import { strictVerifier } from './hostVerifier.js';
import { Outlet } from './outlet.js';

/** 3 s x 3: a dead line is noticed after 12 s (measured). */
const usualAlive: Alive = { intervalMs: 3_000, countMax: 3 };

/** How often a sign of life is asked for while nothing comes, and how many of them may go unanswered. */
export interface Alive {
  readonly intervalMs: number;
  readonly countMax: number;
}
/** How long a polite end may take before the socket is cut. */
export const politeEnd = 1_000;

/** RFC 4254, 5.1: SSH_OPEN_ADMINISTRATIVELY_PROHIBITED. */
const prohibited = 1;

/** A key agent of ours for the session's programs. */
export interface AgentForwarding {
  readonly agent: ForwardedAgent;
  /** Called once, where the server does not take it. */
  readonly refused: (message: string) => void;
}

export interface ConnectionOptions {
  /** A TCP connection, or a channel over a hop. It is ours from now on. */
  readonly socket: Duplex;
  /** The line of the hop that the socket is a channel of. */
  readonly over?: Connection;
  /** Host and port, for messages. */
  readonly where: string;
  readonly user: string;
  readonly hostKeys: HostKeys;
  readonly authentication: Authentication;
  /** @default 3 s, 3 times */
  readonly alive?: Partial<Alive>;
  /** What the session's programs may use of ours. */
  readonly forward?: AgentForwarding;
  readonly clock: Clock;
  /** Called once, when the connection could not be made or has ended. Never after close(). */
  readonly onEnd: (error: X2GoError) => void;
}

/** The other side ended it without a word. */
class HangUp extends Error {}

/** One ssh2 Client on one socket of ours, for one attempt. */
export class Connection {
  readonly socket: Duplex;
  /** The host key that was refused, for a question to a person. */
  refusedHostKey: Buffer | undefined;
  readonly outlet: Outlet;
  readonly forwards: Forwards;
  readonly #client: Client = new ssh2.Client();
  readonly #slots = new ChannelSlots((ms, signal) => this.#pause(ms, signal));
  readonly #options: ConnectionOptions;
  readonly #where: string;
  #forward: AgentForwarding | undefined;
  #phase: 'connecting' | 'ready' | 'ended' = 'connecting';
  #hostKeyError: X2GoError | undefined;
  #ready: () => void = () => undefined;
  readonly #gone = new Set<(error: X2GoError) => void>();

  constructor(options: ConnectionOptions) {
    const { socket, where, user, over, hostKeys, authentication } = options;
    const alive = { ...usualAlive, ...options.alive };
    this.#options = options;
    this.#where = where;
    this.#forward = options.forward;
    this.onGone(() => options.forward?.agent.close());
    this.socket = socket;
    this.outlet = new Outlet(this.socket, over?.outlet);
    this.forwards = new Forwards(this.#client, options.clock, () => this.isReady);
    this.socket.on('error', (cause) => this.#end(cause));
    // Before ssh2 hears of it and closes the channels: what runs over one of them is not what broke.
    this.socket.on('end', () => {
      if (this.isReady) this.#end(new Error('the server closed it'));
    });
    this.socket.on('close', () => this.#end(new HangUp('the socket closed')));
    guardBanner(this.socket, this.#where, (error) => this.#end(error));
    this.#client
      .on('ready', () => {
        authentication.close('accepted');
        if (this.#phase !== 'connecting') return;
        this.#phase = 'ready';
        this.#ready();
      })
      .on('change password', (prompt) => this.#end(authentication.passwordExpired(prompt)))
      .on('error', (cause) => this.#end(this.#hostKeyError ?? this.#explain(cause)))
      .on('close', () => this.#end(new HangUp('the server closed it')));
    try {
      this.#client.connect({
        sock: this.socket,
        username: user,
        authHandler: authentication.handler,
        algorithms: sshAlgorithms([...hostKeys.algorithms]),
        readyTimeout: 0,
        ...(this.#forward === undefined ? {} : { agent: this.#forward.agent }),
        keepaliveInterval: alive.intervalMs,
        keepaliveCountMax: alive.countMax,
        hostVerifier: strictVerifier((key) => {
          const verdict = hostKeys.verify(key);
          if (verdict === true) return true;
          this.#hostKeyError = verdict;
          this.refusedHostKey = Buffer.from(key);
          return false;
        }),
      });
      this.forwards.countRefusals();
    } catch (cause) {
      queueMicrotask(() => this.#end(cause));
    }
  }

  onReady(ready: () => void): void {
    this.#ready = ready;
  }

  get isConnecting(): boolean {
    return this.#phase === 'connecting';
  }

  get isReady(): boolean {
    return this.#phase === 'ready';
  }

  /** Gives it up at once. Nothing is told to onEnd any more. */
  cut(error: X2GoError = this.#hasEnded()): void {
    if (this.#phase === 'ended') return;
    this.#phase = 'ended';
    this.#options.authentication.close();
    this.socket.destroy();
    this.#tellGone(error);
  }

  /** A channel that runs the one exec string; at most eight at once, the others queue. */
  open(signal: AbortSignal, yields?: () => void): Promise<Slot<ClientChannel>> {
    const opener = (): Promise<ClientChannel> =>
      new Promise<ClientChannel>((resolve, reject) => {
        if (this.#phase !== 'ready') throw this.#hasEnded();
        // A server may leave the request unanswered; what it grants too late is closed at once.
        signal.addEventListener('abort', () => reject(signal.reason), { once: true });
        try {
          // @types/ssh2 does not know this option.
          const asked: ExecOptions & { agentForward: boolean } = {
            agentForward: this.#forward !== undefined,
          };
          this.#client.exec(execString, asked, (cause, channel) => {
            if (cause !== undefined && /agent forwarding/.test(cause.message)) {
              this.#forwardRefused();
              return opener().then(resolve, reject);
            }
            if (cause !== undefined) {
              const refused = new X2GoError('channel.refused', `${this.#where} refused a channel`, { cause });
              return reject(this.#phase === 'ready' ? refused : this.#hasEnded(cause));
            }
            if (signal.aborted) channel.on('error', () => undefined).close();
            resolve(channel);
          });
        } catch (cause) {
          // ssh2 throws when the socket has ended and its 'close' is still to come.
          reject(this.#hasEnded(cause));
        }
      });
    return this.#slots.open(opener, signal, yields);
  }

  /** A connection from the server to a port, of its loopback where no host is named. Throws tunnel.denied, tunnel.failed or ssh.closed. */
  openDirect(port: number, host = 'localhost'): Promise<ClientChannel> {
    return new Promise((resolve, reject) => {
      if (this.#phase !== 'ready') throw this.#hasEnded();
      try {
        this.#client.forwardOut('127.0.0.1', 0, host, port, (cause, channel) => {
          if (cause === undefined) return resolve(channel);
          if (this.#phase !== 'ready') return reject(this.#hasEnded(cause));
          const { reason } = cause as { reason?: number };
          reject(
            reason === prohibited
              ? new X2GoError('tunnel.denied', `${this.#where} allows no forwarding`, { cause })
              : new X2GoError('tunnel.failed', `On ${this.#where} nobody listens on port ${port}`, { cause }),
          );
        });
      } catch (cause) {
        reject(this.#hasEnded(cause));
      }
    });
  }

  /** Called when the line ends, by whomever. The function it returns takes that back. */
  onGone(gone: (error: X2GoError) => void): () => void {
    this.#gone.add(gone);
    return () => void this.#gone.delete(gone);
  }

  /** Asks for a sign of life: a global request that every server answers, if only with a no. */
  probe(): void {
    if (this.#phase !== 'ready') return;
    try {
      this.#client.unforwardIn('127.0.0.1', 0, () => undefined);
    } catch {
      // The line ended in this very moment; 'close' tells.
    }
  }

  /** Ends politely when the other side still answers, else cuts the socket. */
  close(hurry: AbortSignal, patienceMs = politeEnd): Promise<Outcome> {
    const wasReady = this.#phase === 'ready';
    const polite = wasReady && !hurry.aborted;
    this.#phase = 'ended';
    this.#options.authentication.close();
    this.#tellGone(this.#hasEnded());
    if (this.socket.destroyed) return Promise.resolve('closed');
    return new Promise((resolve) => {
      const { clock } = this.#options;
      let outcome: Outcome = wasReady && !polite ? 'forced' : 'closed';
      const cut = () => {
        outcome = hurry.aborted ? 'forced' : 'cut';
        this.socket.destroy();
      };
      const timer = clock.setTimeout(cut, patienceMs);
      hurry.addEventListener('abort', cut, { once: true });
      this.socket.once('close', () => {
        clock.clearTimeout(timer);
        hurry.removeEventListener('abort', cut);
        resolve(outcome);
      });
      if (polite) this.#client.end();
      else this.socket.destroy();
    });
  }

  /** Asked for with every channel until it is granted or refused: the first answer is for the whole line. */
  #forwardRefused(): void {
    const refused = this.#forward?.refused;
    this.#forward = undefined;
    refused?.(`${this.#where} does not let its programs use our key agent (AllowAgentForwarding)`);
  }

  async #pause(ms: number, signal: AbortSignal): Promise<void> {
    await pause(this.#options.clock, ms, signal);
    signal.throwIfAborted();
  }

  #end(cause: unknown): void {
    if (this.#phase === 'ended') return;
    const error = this.#hostKeyError ?? this.#explain(cause);
    this.#options.authentication.close('cut');
    this.cut(error);
    this.#options.onEnd(error);
  }

  #tellGone(error: X2GoError): void {
    const gone = [...this.#gone];
    this.#gone.clear();
    for (const tell of gone) tell(error);
  }

  #explain(cause: unknown): X2GoError {
    const { level, message = '' } = (cause ?? {}) as { level?: string; message?: string };
    // sshd hangs up after MaxAuthTries, and ssh2 gives that no level.
    const isRefusal = level === 'client-authentication' || /too many authentication failures/i.test(message);
    if (isRefusal && this.#phase === 'connecting') return this.#options.authentication.explain(cause);
    const attempt = this.#phase === 'connecting' ? this.#options.authentication.underWay() : undefined;
    if (attempt !== undefined && cause instanceof HangUp) return endedInLogin(this.#where, attempt, cause);
    return explainConnection(cause, this.#where, this.#phase === 'ready');
  }

  #hasEnded(cause?: unknown): X2GoError {
    return new X2GoError('ssh.closed', `The connection to ${this.#where} has ended`, { cause });
  }
}
