import type { Socket } from 'node:net';
import type { ClientChannel } from 'ssh2';
import type { TunnelFact } from '../../machines/sessionPorts.js';
import type { Clock } from '../clock.js';
import type { Connection } from './connection.js';
import { peersOf } from './peer.js';
import { Pump } from './pump.js';
import { StallWatch } from './stall.js';
import { TrafficMeter } from './traffic.js';

/** The joints of one tunnel, and what is told of them. */
export class Joints {
  readonly meter: TrafficMeter;
  paused = false;
  readonly #pumps = new Set<Pump>();
  readonly #stall: StallWatch;
  #ended = false;

  constructor(clock: Clock, tell: (fact: TunnelFact) => void) {
    this.meter = new TrafficMeter(clock, (traffic) => tell({ type: 'tunnel.traffic', ...traffic }));
    this.#stall = new StallWatch(clock, {
      stalled: (forMs) => tell({ type: 'tunnel.stalled', forMs }),
      moving: () => tell({ type: 'tunnel.moving' }),
    });
  }

  /** `onEnd`: once, when both ends are closed. */
  join(line: Connection, local: Socket, channel: ClientChannel, onEnd: () => void): void {
    const { meter } = this;
    const pump = new Pump({
      local,
      channel,
      outlet: line.outlet,
      stands: () => line.isReady,
      onMoved: (way, bytes) => {
        meter[way] += bytes;
        meter.changed();
        this.#stall.touch();
      },
      onEnd: () => {
        this.#pumps.delete(pump);
        this.#stall.forget(pump.toLocal);
        this.#stall.forget(pump.toServer);
        this.#count();
        onEnd();
      },
    });
    this.#pumps.add(pump);
    this.#stall.watch(pump.toServer);
    this.#stall.watch(pump.toLocal, () => unreadBy(local));
    this.#count();
    if (this.paused) pump.pause();
  }

  pause(): void {
    this.paused = true;
    for (const pump of this.#pumps) pump.pause();
  }

  resume(): void {
    this.paused = false;
    for (const pump of this.#pumps) pump.resume();
  }

  /** At once, whatever is on its way; nothing more is told. */
  end(): void {
    this.#ended = true;
    for (const pump of this.#pumps) pump.end();
    this.meter.stop();
    this.#stall.stop();
  }

  #count(): void {
    this.meter.channels = this.#pumps.size;
    if (!this.#ended) this.meter.changed();
  }
}

/** What the program at the other end of a local socket was given and has not read, where that can be seen. */
async function unreadBy({ localPort, remotePort }: Socket): Promise<number> {
  if (localPort === undefined || remotePort === undefined) return 0;
  return (await peersOf(localPort))?.get(remotePort)?.unread ?? 0;
}
