/** A command of a client's that runs on the server, under a pid that can be ended. */
export interface Process {
  readonly pid: number;
  /** Resolves when a signal ended it. */
  readonly killed: Promise<void>;
  /** Resolves when it has ended, whatever ended it. */
  readonly ended: Promise<void>;
  /** It ends by itself. */
  end(): void;
}

interface Running extends Process {
  /** Stands in its environment, and in that of all that it starts. */
  readonly marker: string;
  readonly starts: boolean;
  kill(): void;
}

/** The commands that outlive their channel (PROTOCOL T28). Agents are processes too, but have their lives in the store. */
export class Processes {
  readonly #running = new Map<number, Running>();

  constructor(readonly nextPid: () => number) {}

  /** Whether an x2gostartagent is under way. */
  get isStarting(): boolean {
    return [...this.#running.values()].some(({ starts }) => starts);
  }

  spawn(marker: string, starts = false): Process {
    const pid = this.nextPid();
    let end = () => {};
    let kill = () => {};
    const ended = new Promise<void>((resolve) => {
      end = () => {
        this.#running.delete(pid);
        resolve();
      };
    });
    const killed = new Promise<void>((resolve) => {
      kill = resolve;
    });
    const process = { pid, killed, ended, end, kill, marker, starts };
    this.#running.set(pid, process);
    return process;
  }

  isAlive(pid: number): boolean {
    return this.#running.has(pid);
  }

  marked(marker: string): Process | undefined {
    return [...this.#running.values()].find((process) => process.marker === marker);
  }

  kill(pid: number): void {
    const process = this.#running.get(pid);
    process?.kill();
    process?.end();
  }
}
