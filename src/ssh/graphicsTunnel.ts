import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { X2GoError } from '../errors.js';
import { sessionKey } from '../protocol/sessionKey.js';
import type { Outcome } from '../scope.js';
import { Doorkeeper } from './doorkeeper.js';
import { explainLocal, type TunnelSite, type TunnelWay } from './tunnelWay.js';

/** How long the viewer has to come. */
const welcome = 10_000;
/** Connections that wait to be looked at: more are closed unseen, so that a flood does not use up our files. */
const mostWaiting = 256;
const mostTries = 20;
/** How often we look whether this process could take a connection at all. */
const pace = 500;

/** Listens here for one connection of our own viewer, and leads it to the agent. */
export class GraphicsTunnel implements TunnelWay {
  readonly #site: TunnelSite;
  #server: Server | undefined;
  #door: Doorkeeper | undefined;
  #guest: Socket | undefined;
  #timer: unknown;

  constructor(site: TunnelSite) {
    this.#site = site;
  }

  async open(): Promise<number> {
    const server = await this.#listen();
    const { port } = server.address() as AddressInfo;
    const { world, input, joints } = this.#site;
    this.#door = new Doorkeeper({
      port,
      viewer: () => world.viewers.get(sessionKey(input.profile, input.session)),
      admit: (socket) => void this.#admit(socket).catch(this.#site.fail),
      refuse: () => joints.meter.refuse(),
    });
    this.#wait(world.clock.now() + welcome);
    return port;
  }

  close(): Promise<Outcome> {
    this.#shut();
    this.#guest?.destroy();
    return new Promise((resolve) => {
      if (this.#server === undefined) return resolve('closed');
      this.#server.close(() => resolve('closed'));
    });
  }

  async #listen(): Promise<Server> {
    for (let tries = 1; ; tries += 1) {
      try {
        const options = { allowHalfOpen: true, pauseOnConnect: true, noDelay: true };
        const server = createServer(options, (socket) => this.#knock(socket));
        this.#server = server;
        server.maxConnections = mostWaiting;
        server.on('drop', () => this.#site.joints.meter.refuse());
        server.listen(0, '127.0.0.1');
        await once(server, 'listening', { signal: this.#site.signal });
        server.on('error', (cause) => this.#site.fail(explainLocal(cause)));
        return server;
      } catch (cause) {
        this.#site.signal.throwIfAborted();
        const taken = (cause as NodeJS.ErrnoException).code === 'EADDRINUSE';
        if (!taken || tries === mostTries) throw explainLocal(cause);
      }
    }
  }

  /**
   * Until the viewer is there. Where a process has used up its files, Node accepts and closes what comes, and tells
   * nobody: so we look.
   */
  #wait(until: number): void {
    const { world, fail, signal } = this.#site;
    this.#timer = world.clock.setTimeout(async () => {
      if (world.clock.now() >= until) {
        const seconds = welcome / 1_000;
        return fail(new X2GoError('tunnel.unused', `No viewer connected within ${seconds} s`));
      }
      try {
        await (await open('/dev/null')).close();
      } catch (cause) {
        const error = explainLocal(cause);
        if (error.code === 'local.exhausted' && this.#guest === undefined) return fail(error);
      }
      if (!signal.aborted && this.#guest === undefined) this.#wait(until);
    }, pace);
  }

  #knock(socket: Socket): void {
    const { joints } = this.#site;
    if (!joints.paused) this.#door?.knock(socket);
    else {
      socket.on('error', () => undefined).destroy();
      joints.meter.refuse();
    }
  }

  async #admit(socket: Socket): Promise<void> {
    const { line, joints, input, finish } = this.#site;
    this.#guest = socket;
    this.#shut();
    this.#server?.close();
    joints.join(line, socket, await line.openDirect(input.serverPort), finish);
  }

  #shut(): void {
    this.#site.world.clock.clearTimeout(this.#timer);
    this.#door?.close();
  }
}
