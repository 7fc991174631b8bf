/** Where the emulator's delays come from. XState's SimulatedClock has this shape. */
export interface EmulatorClock {
  setTimeout(run: () => void, ms: number): unknown;
  clearTimeout(handle: unknown): void;
}

// Never keeps a process alive: whoever forgets stop() still exits.
const systemClock: EmulatorClock = {
  setTimeout: (run, ms) => setTimeout(run, ms).unref(),
  clearTimeout: clearTimeout as EmulatorClock['clearTimeout'],
};

export interface Timers {
  /** Runs once after `ms`; at once, before it returns, when there is nothing to wait for. */
  after(ms: number, run: () => void): () => void;
  delay(ms: number): Promise<void>;
  /** What came of it in time; undefined: nothing. Without any time it still gets a turn of the loop. */
  within<T>(ms: number, work: Promise<T>): Promise<T | undefined>;
  readonly pending: number;
  clear(): void;
}

/** One emulator's timers, so that stop() can clear every one of them. */
export function createTimers(clock: EmulatorClock = systemClock): Timers {
  const handles = new Set<{ handle?: unknown }>();
  const after = (ms: number, run: () => void) => {
    if (ms <= 0) {
      run();
      return () => {};
    }
    const timer: { handle?: unknown } = {};
    handles.add(timer);
    timer.handle = clock.setTimeout(() => {
      if (handles.delete(timer)) run();
    }, ms);
    return () => {
      if (handles.delete(timer)) clock.clearTimeout(timer.handle);
    };
  };
  return {
    after,
    delay: (ms) => new Promise((resolve) => after(ms, resolve)),
    within: (ms, work) =>
      new Promise((resolve, reject) => {
        const late = () => resolve(undefined);
        if (ms <= 0) setImmediate(late);
        const cancel = ms <= 0 ? () => {} : after(ms, late);
        work.then(resolve, reject).finally(cancel);
      }),
    get pending() {
      return handles.size;
    },
    clear: () => {
      for (const { handle } of handles) clock.clearTimeout(handle);
      handles.clear();
    },
  };
}
