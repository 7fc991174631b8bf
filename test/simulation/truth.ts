/** What the servers really had, as it was: the measure of all that a guardian tells. */
import type { Entry } from '../../src/emulator/sessionStore.js';
import type { SimulatedWorld } from '../../src/testing/index.js';

export type Kind = 'running' | 'suspended' | 'gone';
interface Sample {
  readonly at: number;
  readonly kinds: readonly Kind[];
  readonly text: string;
}

/** Two servers may well have sessions of the same name. */
export const keyOf = (profile: string, session: string) => `${profile}/${session}`;

const textOf = ({ status, state, alive, client }: Entry) =>
  `${status} ${state ?? '-'} ${alive ? 'alive' : 'dead'} ${client}`;

const isSame = (a: Entry, b: Entry) =>
  a.state === b.state &&
  a.status === b.status &&
  a.alive === b.alive &&
  a.client === b.client &&
  a.changedMs === b.changedMs;

/** In between it may count as either. */
function kindsOf({ status, state, alive, pid }: Entry): readonly Kind[] {
  if (status === 'F' || (!alive && pid !== undefined)) return ['gone'];
  const kinds: Kind[] = [];
  if (status === 'S' || state === 'SUSPENDED' || state === 'SUSPENDING') kinds.push('suspended');
  if (status === 'R' || state === 'RUNNING' || state === 'RESUMING') kinds.push('running');
  return kinds;
}

export class Truth {
  readonly #samples = new Map<string, Sample[]>();
  readonly #seen = new Map<Entry, Entry>();
  readonly #world: SimulatedWorld;
  readonly #tell: (text: string) => void;

  constructor(world: SimulatedWorld, tell: (text: string) => void) {
    this.#world = world;
    this.#tell = tell;
  }

  /** After every step of the world. */
  look(): void {
    for (const { profile, store } of this.#world.servers) {
      for (const entry of store.all) {
        const seen = this.#seen.get(entry);
        if (seen !== undefined && isSame(seen, entry)) continue;
        this.#seen.set(entry, { ...entry });
        const key = keyOf(profile, entry.session);
        const samples = this.#samples.get(key) ?? [];
        const before = samples.at(-1);
        this.#samples.set(key, samples);
        // Who lets go of it and takes it again between two looks suspends it, too.
        const kinds = kindsOf(entry);
        const sample = { at: this.#world.time.now(), kinds, text: textOf(entry) };
        samples.push(sample);
        if (before?.text !== sample.text) this.#tell(`server ${key}: ${sample.text}`);
      }
    }
  }

  /** Whether the server had it so, at any moment of the last `withinMs`. */
  had(key: string, kind: Kind, withinMs: number): boolean {
    const samples = this.#samples.get(key) ?? [];
    const since = this.#world.time.now() - withinMs;
    return samples.some(({ at, kinds }, n) => {
      const until = samples[n + 1]?.at ?? Number.POSITIVE_INFINITY;
      return until >= since && at <= this.#world.time.now() && kinds.includes(kind);
    });
  }
}
