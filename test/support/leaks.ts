import type { Emulator } from '../../src/emulator/index.js';
import type { Guardian } from '../../src/guardian.js';
import { endingSignals } from '../../src/signals.js';
import { pause } from './until.js';

type Census = Readonly<Record<string, number>>;

/** What keeps this process busy, by kind, and who listens to it. */
export function census(): Census {
  const counts: Record<string, number> = {};
  const count = (kind: string, by = 1) => {
    counts[kind] = (counts[kind] ?? 0) + by;
  };
  for (const kind of process.getActiveResourcesInfo()) count(kind);
  for (const signal of [...endingSignals, 'uncaughtException', 'unhandledRejection', 'exit', 'beforeExit']) {
    count(`listener of ${signal}`, process.listenerCount(signal));
  }
  return counts;
}

/** What there is now and was not before. */
export function surplus(before: Census): readonly string[] {
  return Object.entries(census()).flatMap(([kind, now]) => {
    const more = now - (before[kind] ?? 0);
    return more > 0 ? [`${more} x ${kind}`] : [];
  });
}

interface Left {
  readonly guardian?: Guardian;
  readonly servers?: readonly Emulator[];
  readonly before?: Census;
}

/** Everything that is still open somewhere: in the guardian's scopes, on the servers, in this process. */
export function left({ guardian, servers = [], before }: Left): readonly string[] {
  const open = guardian?.open.map(({ kind, id }) => `${kind} ${id}`) ?? [];
  const lines = servers.flatMap((server) => [
    ...(server.connections > 0 ? [`${server.connections} connections on port ${server.port}`] : []),
    ...(server.channels > 0 ? [`${server.channels} channels on port ${server.port}`] : []),
  ]);
  return [...open, ...lines, ...(before === undefined ? [] : surplus(before))];
}

/** Fails with what is left, when it does not go within a moment: a socket's 'close' comes a turn later. */
export async function expectNothingLeft(what: Left, within = 1_000): Promise<void> {
  const deadline = performance.now() + within;
  for (;;) {
    const rest = left(what);
    if (rest.length === 0) return;
    if (performance.now() > deadline) throw new Error(`left behind: ${rest.join(', ')}`);
    await pause(10);
  }
}
