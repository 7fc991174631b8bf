import { connect, type Socket } from 'node:net';
import type { SessionId } from '../../machines/vocabulary.js';
import { agentHello, viewerHello } from './graphics.js';

/** What a guardian asks of a viewer. */
export interface EmulatedViewerRequest {
  readonly session: SessionId;
  /** On 127.0.0.1. */
  readonly port: number;
  readonly cookie: string;
}
export interface EmulatedViewerRun {
  readonly up: Promise<void>;
  readonly ended: Promise<void>;
  end(hurry: AbortSignal): void;
}
/** `neverUp`: it connects and says nothing. `hung`: like a stopped process, it is up but reads nothing and does not end when asked. */
export type ViewerFault = 'neverUp' | 'hung' | undefined;

/** Give it to a guardian as its viewer, in place of nxproxy: it needs no X display, and understands the emulator alone. */
export interface EmulatedViewer {
  (request: EmulatedViewerRequest): EmulatedViewerRun;
  /** What the viewers that are still to come do wrong. */
  fault: ViewerFault;
  /** Sessions that are being shown now. */
  readonly shows: readonly SessionId[];
  /** The bytes of all runs that came back from agents. */
  readonly received: number;
  /** Sends bytes to the agent, which sends them back; false: no viewer shows that session. */
  send(session: SessionId, bytes: Buffer): boolean;
  /** Viewers that are up stop reading, or read again. */
  freeze(session: SessionId, frozen?: boolean): void;
  /** They end from one moment to the next, and say so: `ended` rejects. @default all of them */
  crash(session?: SessionId): void;
}

export function emulatedViewer(fault: ViewerFault = undefined): EmulatedViewer {
  const runs = new Set<Run>();
  let received = 0;
  const view = (request: EmulatedViewerRequest): EmulatedViewerRun => {
    const run = new Run(request, viewer.fault, (bytes) => {
      received += bytes;
    });
    runs.add(run);
    const forget = () => runs.delete(run);
    run.ended.then(forget, forget);
    return run;
  };
  const of = (session: SessionId | undefined) =>
    [...runs].filter((run) => session === undefined || run.session === session);
  const controls = {
    fault,
    send: (session: SessionId, bytes: Buffer) => {
      const shown = of(session);
      for (const run of shown) run.send(bytes);
      return shown.length > 0;
    },
    freeze: (session: SessionId, frozen = true) => {
      for (const run of of(session)) run.freeze(frozen);
    },
    crash: (session?: SessionId) => {
      for (const run of of(session)) run.crash();
    },
  };
  const viewer = Object.defineProperties(Object.assign(view, controls), {
    shows: { get: () => [...runs].filter((run) => run.isUp).map(({ session }) => session) },
    received: { get: () => received },
  }) as EmulatedViewer;
  return viewer;
}

class Run implements EmulatedViewerRun {
  readonly session: SessionId;
  readonly up: Promise<void>;
  readonly ended: Promise<void>;
  isUp = false;
  readonly #socket: Socket;
  #hung: boolean;
  #crashed = false;

  constructor(
    { session, port, cookie }: EmulatedViewerRequest,
    fault: ViewerFault,
    count: (bytes: number) => void,
  ) {
    this.session = session;
    this.#hung = fault === 'hung';
    const socket = connect({ host: '127.0.0.1', port, noDelay: true, allowHalfOpen: false });
    this.#socket = socket;
    let why = new Error('the agent closed the connection before the picture was there');
    this.up = new Promise((resolve, reject) => {
      let head = '';
      socket.on('data', (chunk) => {
        if (this.isUp) return count(chunk.length);
        head += chunk.toString('latin1');
        if (head.length < agentHello.length) return;
        if (!head.startsWith(agentHello)) return socket.destroy();
        this.isUp = true;
        count(head.length - agentHello.length);
        if (this.#hung) socket.pause();
        resolve();
      });
      socket.on('error', (cause) => {
        why = cause;
      });
      socket.on('close', () => {
        this.isUp = false;
        reject(why);
      });
    });
    // Whoever only waits for the end must not be hit by this.
    this.up.catch(() => {});
    this.ended = new Promise((resolve, fail) =>
      socket.on('close', () => (this.#crashed ? fail(new Error('the viewer crashed')) : resolve())),
    );
    if (fault !== 'neverUp') socket.write(viewerHello(cookie));
  }

  end(hurry: AbortSignal): void {
    const cut = () => this.#socket.destroy();
    hurry.addEventListener('abort', cut, { once: true });
    this.#socket.once('close', () => hurry.removeEventListener('abort', cut));
    if (hurry.aborted) cut();
    // It says goodbye and leaves, whether or not the agent hears it.
    else if (!this.#hung) this.#socket.end(cut);
  }

  send(bytes: Buffer): void {
    this.#socket.write(bytes);
  }

  freeze(frozen: boolean): void {
    this.#hung = frozen;
    if (frozen) this.#socket.pause();
    else this.#socket.resume();
  }

  crash(): void {
    this.#crashed = true;
    this.#socket.destroy();
  }
}
