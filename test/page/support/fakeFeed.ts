import type { FeedLine, FeedListener } from '../../../src/inspection/feed.js';
import type { PageSource } from '../../../src/inspection/pageServer.js';
import { World } from '../../../visualizations/page/world.js';

const leaf = { kind: 'leaf', tags: [], value: null, about: {} } as const;
const moods = ['running', 'suspending', 'suspended', 'resuming'] as const;

/** A guardian that never was: as many actors and events as wanted. */
export class FakeFeed {
  readonly #world = new World();
  readonly #listeners = new Set<FeedListener>();
  readonly #sessions: string[] = [];
  #seq = 0;
  #turn = 0;

  constructor(sessions = 3) {
    const profile = (n: number) => `guardian/profile:p${n}`;
    this.#tell({
      t: 'actor',
      id: 'guardian',
      parent: null,
      name: 'guardian',
      chart: 'guardian',
      kind: 'chart',
    });
    for (let n = 0; n < sessions; n++) {
      const parent = profile(n % 10);
      if (n < 10)
        this.#tell({
          t: 'actor',
          id: parent,
          parent: 'guardian',
          name: `profile:p${n}`,
          chart: 'profile',
          kind: 'chart',
        });
      const id = `${parent}/alice-${n}`;
      this.#tell({ t: 'actor', id, parent, name: `alice-${n}`, chart: 'session', kind: 'chart' });
      this.#sessions.push(id);
      this.#state(id, 'running', { profile: `p${n % 10}`, session: `alice-${n}`, kind: 'application' });
    }
  }

  get source(): PageSource {
    return {
      tree: () => ({ v: 1, time: new Date().toISOString(), root: this.#world.tree() ?? nobody }),
      feed: (listener) => {
        const tree = { v: 1, time: new Date().toISOString(), root: this.#world.tree() ?? nobody } as const;
        listener({ t: 'tree', seq: this.#seq, time: tree.time, tree });
        this.#listeners.add(listener);
        return () => void this.#listeners.delete(listener);
      },
    };
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  /** Some session goes on to its next state: an event and a state. */
  turn(): void {
    this.#turn += 1;
    const id = this.#sessions[(this.#turn * 7) % this.#sessions.length] ?? '';
    const from = this.#world.actors.get(id)?.parent ?? null;
    const mood = moods[this.#turn % moods.length] ?? 'running';
    this.#tell({ t: 'event', to: id, from, type: `server.${mood}` });
    this.#state(id, mood);
  }

  #state(id: string, mood: string, about?: Readonly<Record<string, unknown>>): void {
    const edge = [{ source: 'running', event: `server.${mood}`, target: mood }];
    const facts = about === undefined ? {} : { about };
    this.#tell({ t: 'state', id, tags: [mood], value: mood, status: 'active', edge, ...facts });
  }

  #tell(line: WithoutNumber<FeedLine>): void {
    this.#seq += 1;
    const numbered = { ...line, seq: this.#seq, time: new Date().toISOString() } as FeedLine;
    this.#world.take(numbered);
    for (const listener of this.#listeners) listener(numbered);
  }
}

type WithoutNumber<T> = T extends FeedLine ? Omit<T, 'seq' | 'time'> : never;

const nobody = {
  ...leaf,
  id: 'guardian',
  name: 'guardian',
  chart: 'guardian',
  status: 'active',
  since: '',
  lastEvent: null,
  lastError: null,
  children: [],
} as const;
