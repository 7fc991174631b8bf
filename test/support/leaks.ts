import { createHook } from 'node:async_hooks';
import type { Emulator } from '../../src/emulator/index.js';
import type { Guardian } from '../../src/guardian.js';
import { endingSignals } from '../../src/signals.js';
import { pause } from './until.js';

/** What keeps a process alive or busy, by the names of node:async_hooks. */
const kinds = new Set([
  'Timeout',
  'TCPWRAP',
  'TCPSERVERWRAP',
  'PIPEWRAP',
  'PIPESERVERWRAP',
  'UDPWRAP',
  'PROCESSWRAP',
  'FSEVENTWRAP',
]);
const alive = new Map<
  number,
  { readonly kind: string; readonly resource: { readonly _destroyed?: boolean } }
>();
createHook({
  init: (id, kind, _trigger, resource) => {
    if (kinds.has(kind)) alive.set(id, { kind, resource });
  },
  destroy: (id) => void alive.delete(id),
}).enable();

const watchedEvents = [
  ...endingSignals,
  'uncaughtException',
  'unhandledRejection',
  'exit',
  'beforeExit',
] as const;

interface Census {
  readonly ids: ReadonlySet<number>;
  readonly listeners: readonly number[];
}

/** What this process has open, each by its own identity, and who listens to it. */
export function census(): Census {
  return {
    ids: new Set(alive.keys()),
    listeners: watchedEvents.map((name) => process.listenerCount(name as NodeJS.Signals)),
  };
}

/** What there is now and was not before. */
export function surplus(before: Census): readonly string[] {
  const counts = new Map<string, number>();
  for (const [id, { kind, resource }] of alive) {
    // A timer that rang is destroyed at once; its hook is called a turn later.
    if (before.ids.has(id) || resource._destroyed === true) continue;
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  for (const [n, count] of census().listeners.entries()) {
    const more = count - (before.listeners[n] ?? 0);
    if (more > 0) counts.set(`listener of ${watchedEvents[n]}`, more);
  }
  return [...counts].map(([kind, count]) => `${count} x ${kind}`);
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
