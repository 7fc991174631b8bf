/** What holds once nothing goes wrong any more, and what is left after the end. */
import type { ExitPolicy } from '../../machines/orders.js';
import type { ReportEntry } from '../../machines/vocabulary.js';
import type { Entry } from '../../src/emulator/sessionStore.js';
import type { SimulatedWorld } from '../../src/testing/index.js';
import type { Calls } from './calls.js';
import { type Invariants, Violation } from './invariants.js';
import { keyOf } from './truth.js';

const truthOf = ({ status, state, alive, pid }: Entry): string | undefined => {
  if (status === 'F') return alive ? 'faulty' : 'terminated';
  if (!alive && pid !== undefined) return 'terminated';
  if (status === 'S' && (state === 'SUSPENDED' || state === 'SUSPENDING')) return 'suspended';
  return status === 'R' && state === 'RUNNING' ? 'running' : undefined;
};

/** Whether all that was told is so; nothing, or the first thing that is not. */
export function difference(
  world: SimulatedWorld,
  invariants: Invariants,
  calls: Calls,
  { registers }: { readonly registers: boolean },
): string | undefined {
  const { guardian } = world;
  const shown = [...world.viewers.alive];
  const isShown = (profile: string, session: string) =>
    shown.some((run) => run.profile === profile && run.session === session);
  const waiting = [...calls.pending.values()].map(({ what }) => what);
  if (waiting.length > 0) return `calls that wait: ${waiting.join(', ')}`;
  for (const { profile, state } of guardian.profiles()) {
    const { id } = profile;
    if (state !== 'connected') return `profile ${id} is ${state}`;
    const listed = guardian.sessions(id)?.value;
    if (registers && listed === undefined) return `no sessions are known of ${id}`;
    for (const entry of world.server(id).store.all) {
      const { session } = entry;
      const truth = truthOf(entry);
      const told = invariants.told.get(keyOf(id, session));
      if (told === undefined && (truth === 'terminated' || truth === 'faulty')) continue;
      // Without registration only what we run is followed.
      if (!registers && !isShown(id, session)) continue;
      if (truth === undefined) return `${session} is in between: ${entry.status} ${entry.state}`;
      // An agent that outlived its session may be told of as such, or as the end that its session had.
      if (told !== truth && !(truth === 'faulty' && told === 'terminated'))
        return `${session} is ${truth}, and ${told} was told`;
      const actual = guardian.session(id, session).state;
      if (actual !== told) return `${session} is ${actual} here, and ${told} was told`;
    }
  }
  return undefined;
}

/** Sessions that are ours when the end begins: those we show, and those we are starting. */
export function oursOf(world: SimulatedWorld): readonly Entry[] {
  const shown = new Set([...world.viewers.alive].map(({ profile, session }) => keyOf(profile, session)));
  return world.servers.flatMap(({ profile, store }) =>
    store.all.filter(
      ({ session, line, start, alive, state, status }) =>
        status !== 'F' &&
        ((line !== undefined && shown.has(keyOf(profile, session))) ||
          (start !== undefined && (state === 'STARTING' || !alive) && world.inside.starts.size > 0)),
    ),
  );
}

/** After stop(): nothing of ours is left here. */
export function nothingOpen(world: SimulatedWorld, calls: Calls): void {
  const { guardian, time, servers, viewers, journal, inside } = world;
  const left = {
    open: guardian.open.map(({ kind, id }) => `${kind} ${id}`),
    timers: Array.from({ length: time.pending('guardian') }, () => 'timer'),
    lines: servers.flatMap(({ lines }) => [...lines].map(() => 'line')),
    viewers: [...viewers.alive].map(({ session }) => session),
    ports: [...viewers.ports.keys()],
    connections: [...inside.connections.keys()],
    shown: [...inside.viewers.keys()],
    holds: journal.holds,
    calls: [...calls.pending.values()].map(({ what }) => what),
  };
  for (const [what, all] of Object.entries(left))
    if (all.length > 0) throw new Violation('nothing is left open', `${what}: ${all.join(', ')}`);
  const last = world.events.at(-1);
  if (last?.event !== 'guardian.terminated')
    throw new Violation('the last word', `it is ${last?.event}, not guardian.terminated`);
}

/** Every session of ours is as the exit policy wants it, or the report names it. */
export function seenTo(ours: readonly Entry[], report: readonly ReportEntry[], policy: ExitPolicy): void {
  const failed = report.filter(({ kind, outcome }) => kind === 'session' && outcome === 'failed');
  for (const entry of ours) {
    const { session, alive, status, state, line, client } = entry;
    // Somebody else has it by now.
    if (client !== '127.0.0.1') continue;
    const isEnded = !alive;
    const isSuspended =
      alive && status !== 'F' && (state === 'SUSPENDED' || status === 'S') && line === undefined;
    if (isEnded || (isSuspended && policy !== 'terminate')) continue;
    if (failed.some(({ id }) => id === session || id.startsWith('start-'))) continue;
    throw new Violation(
      'every session is suspended, finished or reported',
      `${session} is ${status} ${state} ${alive ? 'alive' : 'dead'}, and the report does not say so`,
    );
  }
}
