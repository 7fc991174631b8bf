/** Where the emulator's delays come from. XState's SimulatedClock has this shape. */
export interface EmulatorClock {
  setTimeout(run: () => void, ms: number): unknown;
  clearTimeout(handle: unknown): void;
}

// Never keeps a process alive: whoever forgets stop() still exits.
const systemClock: EmulatorClock = {
  setTimeout: (run, ms) => setTimeout(run, ms).unref(),
  clearTimeout: (handle) => clearTimeout(handle as NodeJS.Timeout),
};

export interface Timers {
  /** Runs once after `ms`; at once, before it returns, when there is nothing to wait for. */
  after(ms: number, run: () => void): () => void;
  delay(ms: number): Promise<void>;
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
    get pending() {
      return handles.size;
    },
    clear: () => {
      for (const { handle } of handles) clock.clearTimeout(handle);
      handles.clear();
    },
  };
}
