/** SIGINT, SIGTERM and SIGHUP end a guardian; the second one forces. */
export const endingSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export function guardSignals(guardian: {
  stop(reason: string): Promise<unknown>;
  force(): void;
}): () => void {
  let signalled = false;
  const listener = (signal: NodeJS.Signals) => {
    if (signalled) return guardian.force();
    signalled = true;
    void guardian.stop(signal);
  };
  for (const signal of endingSignals) process.on(signal, listener);
  return () => {
    for (const signal of endingSignals) process.off(signal, listener);
  };
}
