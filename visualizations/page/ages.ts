import type { About } from '../../src/inspection/tree.js';
import type { Actor } from './world.js';

/** What is told of an actor, its ages as they are by now: nobody tells of what only grew older. */
export function aboutNow({ about, toldAt }: Pick<Actor, 'about' | 'toldAt'>, now: number): About {
  const passed = Math.max(0, now - Date.parse(toldAt));
  const older = (key: string, value: unknown): unknown => {
    if (typeof value === 'number') {
      if (key === 'ageSeconds') return value + passed / 1_000;
      return key === 'ageMs' ? value + passed : value;
    }
    return value;
  };
  return Object.fromEntries(
    Object.entries(about).map(([key, value]) => [
      key,
      key === 'caches' ? grown(value, older) : older(key, value),
    ]),
  );
}

type Older = (key: string, value: unknown) => unknown;

/** A listing's age is one level deeper. */
function grown(caches: unknown, older: Older): unknown {
  if (typeof caches !== 'object' || caches === null) return caches;
  const inside = (cache: unknown) =>
    typeof cache === 'object' && cache !== null
      ? Object.fromEntries(Object.entries(cache).map(([key, value]) => [key, older(key, value)]))
      : cache;
  return Object.fromEntries(Object.entries(caches).map(([name, cache]) => [name, inside(cache)]));
}
