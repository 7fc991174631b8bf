import type { Socket } from 'node:net';
import type { CommandName, Misbehaviour } from './faultPlan.js';
import { noFaults } from './faultPlan.js';
import { hostKeyOf } from './identity.js';
import type { Listener } from './listener.js';
import { type SessionFaultPorts, SessionFaults } from './sessionFaults.js';
import { type ChannelKind, type OpenedChannels, openUnrequested } from './unrequested.js';

export interface FaultPorts extends SessionFaultPorts {
  readonly listener: Listener;
  readonly hostKey: string;
}

/**
 * Makes an emulator go wrong. What is planted stays until heal(); cuts happen once. Commands are named as the server
 * has them; `survey`, `start`, `files` and the like are whole scripts of ours.
 */
export class EmulatorFaults extends SessionFaults {
  readonly #ports: FaultPorts;

  constructor(ports: FaultPorts) {
    super(ports);
    this.#ports = ports;
  }

  /** Nobody listens on the port any more and every connection is cut. */
  async refuse(): Promise<void> {
    await this.#ports.listener.shut();
    await this.#ports.listener.cut((socket) => socket.destroy());
  }

  /** FIN on every connection, now; resolves when all are closed. */
  close(): Promise<void> {
    return this.#ports.listener.cut((socket) => socket.end());
  }

  /** RST on every connection, now. (A client on libuv that gets data and RST in one go reports an end.) */
  reset(): Promise<void> {
    return this.#ports.listener.cut(sendReset);
  }

  /** Cuts every connection, once, when `bytes` more have been sent on all of them together: mid-packet, if so. */
  dropAfter(bytes: number, how: 'destroy' | 'reset' = 'destroy'): void {
    const { listener } = this.#ports;
    listener.budget = {
      left: bytes,
      spent: () => {
        listener.budget = undefined;
        void listener.cut(how === 'reset' ? sendReset : (socket) => socket.destroy());
      },
    };
  }

  /** Connections stay and new ones are made, but nothing is read and nothing sent: no banner, no keepalive's answer. */
  silence(): void {
    this.#ports.plan.silent = true;
    this.#ports.listener.silence();
  }

  /** New connections are dropped with the words of OpenSSH's MaxStartups. */
  throttle(): void {
    this.#ports.plan.greeting = { kind: 'throttled' };
  }

  /** New connections get bytes without a newline where the SSH banner should be. */
  floodBanner(bytes = 60_000_000): void {
    this.#ports.plan.greeting = { kind: 'flood', bytes };
  }

  /** New connections meet something that is no SSH server. */
  garbleBanner(text = 'HTTP/1.1 400 Bad Request\r\n\r\n'): void {
    this.#ports.plan.greeting = { kind: 'garbage', text };
  }

  /** New connections meet another host key; gives its private key. */
  changeHostKey(privateKey?: string): string {
    const key = hostKeyOf(privateKey);
    this.#ports.server.useHostKey(key.privateKey);
    return key.privateKey;
  }

  /** The next right password must be changed first (SSH_MSG_USERAUTH_PASSWD_CHANGEREQ). */
  expirePassword(prompt = 'Your password has expired.'): void {
    this.#ports.plan.passwordExpired = prompt;
  }

  hang(command: CommandName): void {
    this.#plant(command, { kind: 'hang' });
  }

  slow(command: CommandName, ms: number): void {
    this.#plant(command, { kind: 'slow', ms });
  }

  fail(command: CommandName, code = 1, stderr = `${command}: failed\n`): void {
    this.#plant(command, { kind: 'fail', code, stderr });
  }

  /** @default rows that are none: too short, too long, with control characters, not UTF-8 */
  garbage(command: CommandName, text: string | Buffer = garbageRows): void {
    this.#plant(command, { kind: 'garbage', text });
  }

  flood(command: CommandName, bytes = 60_000_000): void {
    this.#plant(command, { kind: 'flood', bytes });
  }

  /** Does its work, but the connection breaks when it has printed `after` bytes. @default 0: before the first */
  cut(command: CommandName, after = 0): void {
    this.#plant(command, { kind: 'cut', after });
  }

  /** A start-up file of the login shell prints this before everything, with a final newline or without. */
  noisyShell(text = 'Welcome!\n'): void {
    this.#ports.plan.noise = text;
  }

  /** The login shell is nologin. */
  noLogin(text = 'This account is currently not available.\n'): void {
    this.#ports.plan.noLogin = text;
  }

  /** X2Go is not installed: every command of it is not found. */
  missing(): void {
    this.#ports.plan.missing = true;
  }

  /** MaxSessions: a connection that has `limit` channels open gets no more. */
  refuseChannels(limit: number): void {
    this.#ports.plan.channelLimit = limit;
  }

  /** Opens `count` channels on each connection that the client never asked for; counts what it said. */
  openChannels(count: number, kind: ChannelKind = 'forwarded-tcpip'): Promise<OpenedChannels> {
    return openUnrequested(this.#ports.server.clients, count, kind);
  }

  /** Takes back everything planted: listens again, reads and sends what was held up. */
  async heal(): Promise<void> {
    const { plan, listener, server, graphics, hostKey } = this.#ports;
    Object.assign(plan, noFaults());
    server.planForwarding();
    graphics.deafen(plan.deafAgents);
    listener.budget = undefined;
    server.useHostKey(hostKey);
    listener.unsilence();
    await listener.open();
  }

  #plant(command: CommandName, misbehaviour: Misbehaviour): void {
    this.#ports.plan.commands.set(command, misbehaviour);
  }
}

/** Whatever is still to be sent. */
const sendReset = (socket: Socket) => socket.resetAndDestroy();

const garbageRows = Buffer.concat([
  Buffer.from('not a row\n1|2|3\n\u001b[2J\u0007|bell|\n'),
  Buffer.from([0xff, 0xfe, 0xc3, 0x28, 0x0a]),
  Buffer.from(`${'|'.repeat(200)}\n${'x'.repeat(5_000)}\n`),
]);
