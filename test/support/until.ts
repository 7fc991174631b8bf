/** Waits for what can be seen; `what` names it when it does not come. */
export async function eventually(what: string, holds: () => boolean, within = 5_000): Promise<void> {
  const deadline = performance.now() + within;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(`not so within ${within} ms: ${what}`);
    await pause(10);
  }
}

/** Only where nothing is to happen for a while. */
export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
