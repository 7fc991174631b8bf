import { X2GoError } from '../errors.js';
import type { Viewer, ViewerRequest, ViewerRun } from '../world.js';
import type { Random } from './random.js';
import type { SimulatedTime } from './time.js';

/** `neverUp`: it never connects. `deaf`: it does not end when it is asked to. `missing`: it cannot be run here. */
export type ViewerFault = 'neverUp' | 'deaf' | 'missing' | undefined;

/** A local port of the graphics tunnel. */
export interface Doorway {
  /** Somebody connects; the function it returns hangs up. */
  knock(guest: { readonly cookie: string; readonly up: () => void; readonly closed: () => void }): () => void;
}

/** The programs that paint sessions on this machine, and the ports they connect to. */
export class SimulatedViewers {
  /** What viewers do wrong that are still to come. */
  fault: ViewerFault;
  readonly alive = new Set<Run>();
  readonly ports = new Map<number, Doorway>();
  readonly #time: SimulatedTime;
  readonly #random: Random;
  #port = 40_000;
  #pid = 100;

  constructor(time: SimulatedTime, random: Random) {
    this.#time = time;
    this.#random = random;
  }

  listen(doorway: Doorway): { readonly port: number; readonly close: () => void } {
    this.#port += 1;
    const port = this.#port;
    this.ports.set(port, doorway);
    return { port, close: () => void this.ports.delete(port) };
  }

  /** In place of nxproxy. */
  readonly view: Viewer = (request) => {
    if (this.fault === 'missing') throw new X2GoError('proxy.missing', 'it is not installed here');
    this.#pid += 1;
    const run = new Run(this.#pid, request, this.fault, this.ports, this.#time, this.#random);
    this.alive.add(run);
    const forget = () => void this.alive.delete(run);
    run.ended.then(forget, forget);
    return run;
  };

  /** kill -9. */
  kill(session?: string): void {
    for (const run of this.alive) if (session === undefined || run.session === session) run.die(true);
  }
}

class Run implements ViewerRun {
  readonly profile: string;
  readonly session: string;
  readonly up: Promise<void>;
  readonly ended: Promise<void>;
  #isOver = false;
  #hangUp = () => {};
  #rise = () => {};
  #fail: (cause: Error) => void = () => {};
  #end: (cause?: Error) => void = () => {};
  readonly #wait: (ms: number, run: () => void) => void;

  constructor(
    readonly pid: number,
    { profile, session, port, cookie }: ViewerRequest,
    readonly fault: ViewerFault,
    ports: ReadonlyMap<number, Doorway>,
    time: SimulatedTime,
    random: Random,
  ) {
    this.profile = profile;
    this.session = session;
    this.#wait = (ms, run) => void time.after('elsewhere', random.between(ms / 10, ms), run);
    this.up = new Promise((resolve, reject) => {
      this.#rise = resolve;
      this.#fail = reject;
    });
    this.up.catch(() => undefined);
    this.ended = new Promise((resolve, reject) => {
      this.#end = (cause) => (cause === undefined ? resolve() : reject(cause));
    });
    if (fault !== 'neverUp') this.#wait(300, () => this.#connect(ports.get(port), cookie));
  }

  end(hurry: AbortSignal): void {
    const now = () => this.die();
    hurry.addEventListener('abort', now, { once: true });
    if (hurry.aborted) now();
    else if (this.fault !== 'deaf') this.#wait(900, now);
  }

  die(crashed = false): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#hangUp();
    this.#fail(new Error('it ended before there was a picture'));
    this.#end(crashed ? new Error('it was killed') : undefined);
  }

  #connect(doorway: Doorway | undefined, cookie: string): void {
    if (this.#isOver) return;
    if (doorway === undefined) {
      this.die();
      return;
    }
    this.#hangUp = doorway.knock({
      cookie,
      up: () => this.#rise(),
      closed: () => this.#wait(50, () => this.die()),
    });
  }
}
