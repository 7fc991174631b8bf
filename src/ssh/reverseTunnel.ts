import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import type { ClientChannel } from 'ssh2';
import type { TunnelName } from '../../machines/sessionPorts.js';
import { fromFailure, X2GoError } from '../errors.js';
import type { FilesRequest } from '../protocol/request.js';
import { readSessionFiles, sessionFilesScript } from '../protocol/sessionFiles.js';
import { parseSessionName } from '../protocol/sessionName.js';
import type { Outcome } from '../scope.js';
import type { Ride } from '../world.js';
import type { Forward, Offer } from './forwards.js';
import { readOpening } from './opening.js';
import { runOwned } from './owned.js';
import type { TunnelSite, TunnelWay } from './tunnelWay.js';

/** How long the server may take to write a few small files. */
const filesDeadline = 20_000;

/** The server listens for programs of the session; each of its channels is led on to the rider's end here. */
export class ReverseTunnel implements TunnelWay, Forward {
  readonly #site: TunnelSite;
  readonly #feature: Exclude<TunnelName, 'graphics'>;
  /** On their way to the local end, and what ends them on the server's side. */
  readonly #connecting = new Map<Socket, () => void>();
  #ride: Ride | undefined;

  constructor(site: TunnelSite, feature: Exclude<TunnelName, 'graphics'>) {
    this.#site = site;
    this.#feature = feature;
  }

  async open(): Promise<number> {
    const { world, input, line, signal } = this.#site;
    const { serverPort } = input;
    const ride = await world.riders[this.#feature].prepare({ serverPort, folder: this.#folder() });
    this.#ride = ride;
    signal.throwIfAborted();
    await line.forwards.open(serverPort, this);
    signal.throwIfAborted();
    if (ride.files.length > 0) await this.#writeFiles(ride.files);
    return serverPort;
  }

  close(hurry: AbortSignal): Promise<Outcome> {
    const { line, input } = this.#site;
    for (const [socket, leave] of this.#connecting) {
      socket.destroy();
      leave();
    }
    this.#connecting.clear();
    return line.forwards.close(input.serverPort, this, hurry);
  }

  offered(offer: Offer): void {
    const { joints } = this.#site;
    const leave = () => offer.free();
    const ride = joints.paused ? undefined : this.#ride;
    if (ride === undefined) this.#refuse(leave);
    else if (ride.opening === undefined) this.#lead(ride, leave, (socket) => this.#join(socket, offer));
    else void this.#admit(ride, ride.opening, offer);
  }

  #refuse(leave: () => void): void {
    const { joints, signal } = this.#site;
    leave();
    // The meter counts no more once the tunnel is over: its timer would stay.
    if (!signal.aborted) joints.meter.refuse();
  }

  /** On to the local end, before or after the channel is accepted. */
  #lead(ride: Ride, leave: () => void, joined: (socket: Socket) => void): void {
    const socket = connect({ allowHalfOpen: true, noDelay: true, ...ride.to });
    this.#connecting.set(socket, leave);
    socket.once('error', () => {
      if (this.#connecting.delete(socket)) this.#refuse(leave);
    });
    socket.once('connect', () => {
      if (this.#connecting.delete(socket)) joined(socket);
    });
  }

  /** Whoever speaks first has to show that it is of this session. */
  async #admit(ride: Ride, { length, admit }: NonNullable<Ride['opening']>, offer: Offer): Promise<void> {
    const { world, line, joints, signal } = this.#site;
    let channel: ClientChannel;
    try {
      channel = offer.accept();
    } catch {
      this.#refuse(() => offer.free());
      return;
    }
    // Between its opening and its joint nobody else listens to it.
    channel.on('error', () => undefined);
    const leave = () => {
      offer.free();
      try {
        channel.resume().close();
      } catch {
        // The line ended in this very moment.
      }
    };
    const first = await readOpening(channel, length, world.clock, signal);
    const admitted = first === undefined ? undefined : admit(first);
    if (admitted === undefined || signal.aborted) return this.#refuse(leave);
    this.#lead(ride, leave, (socket) => {
      socket.write(admitted);
      joints.join(line, socket, channel, () => offer.free());
      if (!joints.paused) channel.resume();
    });
  }

  refused(): void {
    this.#site.joints.meter.refuse();
  }

  #join(socket: Socket, offer: Offer): void {
    const { line, joints } = this.#site;
    try {
      joints.join(line, socket, offer.accept(), () => offer.free());
    } catch {
      // The line ended in this very moment.
      socket.destroy();
      offer.free();
    }
  }

  #folder(): string {
    const { session } = this.#site.input;
    const parsed = parseSessionName(session);
    if (!parsed.ok) throw new X2GoError('session.unknown', `${session}: ${parsed.reason}`);
    return `/tmp/.x2go-${parsed.name.user}/C-${session}`;
  }

  async #writeFiles(files: Ride['files']): Promise<void> {
    const { world, input, signal } = this.#site;
    const marker = randomBytes(16).toString('hex');
    const request: FilesRequest = { verb: 'files', marker, session: input.session };
    const text = sessionFilesScript(request, files);
    if (text === undefined) throw new X2GoError('unexpected', 'A file for the session has no proper name');
    const script = { name: 'Writing the session’s files', marker, text, deadlineMs: filesDeadline };
    const answer = await runOwned(world, input.profile, script, signal);
    const written = readSessionFiles(request, answer.text, answer.complaint);
    if (!written.ok) throw fromFailure(written.failure);
  }
}
