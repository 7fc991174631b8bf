/** SIGINT, SIGTERM and SIGHUP end a guardian; the second one forces. */
export const endingSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** A terminal that goes away may send SIGHUP twice, to the session's leader and to its foreground group: that is one end, not haste. */
export const isHaste = (signal: string): boolean => signal !== 'SIGHUP';

export function guardSignals(guardian: {
  stop(reason: string): Promise<unknown>;
  force(): void;
}): () => void {
  let signalled = false;
  const listener = (signal: NodeJS.Signals) => {
    if (signalled) {
      if (isHaste(signal)) guardian.force();
      return;
    }
    signalled = true;
    void guardian.stop(signal);
  };
  for (const signal of endingSignals) process.on(signal, listener);
  return () => {
    for (const signal of endingSignals) process.off(signal, listener);
  };
}
