import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { FaultPlan } from './faultPlan.js';
import { greet } from './greeting.js';
import { Line, type SendBudget } from './line.js';

/** The TCP side: one port, and every connection on it as a Line. */
export class Listener {
  readonly lines = new Set<Line>();
  budget: SendBudget | undefined;
  /** All connections since the start, also those that are gone. */
  accepted = 0;
  #server: Server | undefined;
  #port = 0;
  #retired = false;
  readonly #started = new WeakSet<Line>();

  constructor(
    readonly plan: FaultPlan,
    /** Speaks SSH on a line. */
    readonly serve: (line: Line) => void,
  ) {}

  get port(): number {
    return this.#port;
  }

  /** The port of the first time is kept, so that clients find the emulator again. */
  async open(port = this.#port): Promise<void> {
    if (this.#server !== undefined || this.#retired) return;
    const server = createServer({ noDelay: true, pauseOnConnect: true }, (socket) => this.#accept(socket));
    this.#server = server;
    server.listen(port, '127.0.0.1');
    try {
      await once(server, 'listening');
    } catch (cause) {
      this.#server = undefined;
      throw cause;
    }
    this.#port = (server.address() as AddressInfo).port;
  }

  /** Nobody listens any more; resolves when the port is free. Connections stay. */
  async shut(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server === undefined) return;
    // Its 'close' would wait for the connections; the port is free at once.
    server.close();
    await new Promise(setImmediate);
  }

  /** Ends every connection and resolves when the last socket is closed. */
  async cut(how: (socket: Socket) => void): Promise<void> {
    const open = [...this.lines].filter(({ socket }) => !socket.closed);
    const closed = Promise.all(
      open.map(({ socket }) => new Promise<unknown>((resolve) => socket.once('close', resolve))),
    );
    for (const { socket } of open) {
      how(socket);
      // A paused socket would never see the other end's FIN.
      socket.resume();
    }
    await closed;
  }

  /** For good: what is open is closed, and open() does nothing any more. */
  async retire(): Promise<void> {
    this.#retired = true;
    await this.shut();
    await this.cut((socket) => socket.destroy());
  }

  silence(): void {
    for (const line of this.lines) line.silence();
  }

  unsilence(): void {
    for (const line of this.lines) {
      line.open();
      this.#start(line);
    }
  }

  #accept(socket: Socket): void {
    this.accepted++;
    const line = new Line(socket, () => this.budget);
    this.lines.add(line);
    socket.once('close', () => this.lines.delete(line));
    if (this.plan.silent) line.silence();
    else this.#start(line);
  }

  #start(line: Line): void {
    if (this.#started.has(line) || line.destroyed) return;
    this.#started.add(line);
    if (this.plan.greeting !== undefined) greet(line, this.plan.greeting);
    else this.serve(line);
  }
}
